import type { V1Pod } from '@kubernetes/client-node';
import type { Stored } from '../../../runtime/objects.ts';
import type { Wire } from '../../../runtime/wire.ts';
import type { PodState } from '../pod-state.ts';

/** How long a node may take to mount volumes before somebody should look. */
const patienceMs = 30_000;

/**
 * When a pod whose containers are being created has waited too long for its volumes; null where it does not wait for
 * them. The kubelet says what is missing in events alone, so that time is all there is to go by.
 */
export function mountsLateAt({ status }: Stored<Wire<V1Pod>>, state: PodState): Date | null {
  if (state.state !== 'Waiting' || state.reason !== 'Creating') return null;
  const found = (type: string) => status?.conditions?.find((condition) => condition.type === type);
  const sandbox = found('PodReadyToStartContainers');
  if (found('PodScheduled')?.status !== 'True' || sandbox?.status !== 'False' || !sandbox.lastTransitionTime)
    return null;
  return new Date(Date.parse(sandbox.lastTransitionTime) + patienceMs);
}

export function mountsLate({ metadata }: Stored<Wire<V1Pod>>, where: string): string {
  const command = `kubectl describe pod ${metadata.name}`;
  return `${where}, without its volumes or its network for ${patienceMs / 1000} s; "${command}" says what it waits for`;
}

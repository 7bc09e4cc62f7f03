import type { V1ContainerStatus, V1Pod } from '@kubernetes/client-node';
import type { ReasonOf } from '../../../api/status/reasons.ts';
import type { Wire } from '../../runtime/wire.ts';
import { endOfContainer, type PodEnd } from './pod-end.ts';

/** What a pod is in, as far as its experiment has to do something about it. */
export type PodState =
  | { readonly state: 'Waiting'; readonly reason: ReasonOf<'WorkersReady'>; readonly message: string }
  | { readonly state: 'Ready' }
  /** The worker ended with status 0. */
  | { readonly state: 'Succeeded' }
  /** The pod will not work any more, or never did. */
  | ({ readonly state: 'Ended' } & PodEnd);

type Pod = Wire<V1Pod>;
type ContainerStatus = Wire<V1ContainerStatus>;

const worker = 'worker';
/** Starts of the sidecar after which the kubelet's waiting is no longer ours. */
const sidecarStarts = 3;

const imageReasons: readonly string[] = [
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'ImageInspectError',
  'RegistryUnavailable',
];

/** Reads a pod's status. A container of the user may outlive the worker: the container `worker` decides, not the phase. */
export function podState(pod: Pod): PodState {
  const { status } = pod;
  const terminated = containers(pod).find(({ name }) => name === worker)?.state?.terminated;
  if (terminated?.exitCode === 0) return { state: 'Succeeded' };
  const disruption = disruptionOf(pod);
  if (disruption) return { state: 'Ended', ...disruption };
  if (terminated) return { state: 'Ended', ...endOfContainer(terminated, memoryLimit(pod)) };
  if (status?.phase === 'Failed' || status?.phase === 'Succeeded') return { state: 'Ended', ...rejectedByNode(pod) };
  const crashed = crashedSidecar(pod);
  if (crashed) return { state: 'Ended', ...crashed };
  return waiting(pod);
}

/** A pod that is being deleted, evicted or taken away is replaced without it counting as a failure of the worker. */
function disruptionOf(pod: Pod): PodEnd | null {
  const { status, metadata } = pod;
  const target = condition(pod, 'DisruptionTarget');
  // The kubelet evicts a pod for what it uses itself: another one would do the same.
  if (status?.reason === 'Evicted') {
    return {
      reason: 'Evicted',
      message: status.message ?? 'the kubelet evicted the pod',
      counted: true,
      endedAt: null,
    };
  }
  if (target?.status === 'True') {
    const lost = target.reason === 'DeletionByTaintManager' || target.reason === 'DeletionByPodGC';
    const message = target.message ?? target.reason ?? 'the pod was disrupted';
    return { reason: lost ? 'NodeLost' : 'Evicted', message, counted: false, endedAt: null };
  }
  if (metadata?.deletionTimestamp === undefined) return null;
  if (status?.reason === 'NodeLost') {
    return { reason: 'NodeLost', message: status.message ?? 'its node is lost', counted: false, endedAt: null };
  }
  return { reason: 'Restarting', message: 'the pod was deleted', counted: false, endedAt: null };
}

/** A pod that ended though its worker never ran: the node turned it away, or is shutting down. */
function rejectedByNode({ status }: Pod): PodEnd {
  const what = [status?.reason, status?.message].filter((part) => part).join(': ');
  return { reason: 'Evicted', message: what || 'the node turned the pod away', counted: false, endedAt: null };
}

/** The kubelet starts the link again by itself; a link that never stays makes the pod useless. */
function crashedSidecar(pod: Pod): PodEnd | null {
  for (const status of pod.status?.initContainerStatuses ?? []) {
    const last = status.lastState?.terminated;
    if (!last || status.state?.running) continue;
    const end = endOfContainer(last, null);
    if (end.fatal || (status.restartCount ?? 0) >= sidecarStarts) {
      return { ...end, message: `container ${status.name}: ${end.message}` };
    }
  }
  return null;
}

function waiting(pod: Pod): PodState {
  const { status } = pod;
  const scheduled = condition(pod, 'PodScheduled');
  if (scheduled?.status === 'False') {
    return wait('Unschedulable', scheduled.message ?? scheduled.reason ?? 'the scheduler gives no reason');
  }
  if (status?.phase === 'Unknown' || status?.reason === 'NodeLost') {
    return wait('NodeLost', status.message ?? `node ${nodeOf(pod)} does not answer`);
  }
  for (const container of containers(pod)) {
    const reason = container.state?.waiting?.reason ?? '';
    const message = container.state?.waiting?.message ?? reason;
    if (imageReasons.includes(reason)) return wait('ImagePullFailed', `${container.image}: ${message}`);
    if (reason === 'CreateContainerConfigError') return wait('ReferenceMissing', message);
    if (reason === 'CrashLoopBackOff') return wait('Restarting', `container ${container.name}: ${message}`);
    if (reason === 'CreateContainerError' || reason === 'RunContainerError') return wait('Creating', message);
  }
  if (status?.phase !== 'Running') return wait('Creating', scheduled ? `on node ${nodeOf(pod)}` : 'to be scheduled');
  if (condition(pod, 'Ready')?.status === 'True') return { state: 'Ready' };
  // The node controller alone takes Ready from a pod whose containers are all ready.
  const ready = containers(pod).length > 0 && containers(pod).every((container) => container.ready);
  if (ready && condition(pod, 'Ready')) return wait('NodeLost', `node ${nodeOf(pod)} does not answer`);
  return wait('Connecting', `on node ${nodeOf(pod)}`);
}

function wait(reason: ReasonOf<'WorkersReady'>, message: string): PodState {
  return { state: 'Waiting', reason, message };
}

function condition({ status }: Pod, type: string) {
  return status?.conditions?.find((one) => one.type === type);
}

function containers({ status }: Pod): readonly ContainerStatus[] {
  return [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
}

function nodeOf({ spec }: Pod): string {
  return spec?.nodeName ?? '(none yet)';
}

function memoryLimit({ spec }: Pod): string | null {
  return spec?.containers.find(({ name }) => name === worker)?.resources?.limits?.memory ?? null;
}

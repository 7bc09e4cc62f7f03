import type { V1EnvVar } from '@kubernetes/client-node';
import type { Wire } from '../runtime/wire.ts';
import type { PodInput } from './input.ts';
import { places } from './places.ts';

/** Names of our containers. */
export const workerContainer = 'worker';
export const linkContainer = 'link';

/** Where each of them answers probes: containers of a pod share their ports. */
export const healthPorts = { worker: 8081, link: 8082 } as const;
export const terminationLog = '/dev/termination-log';

/** What tells one worker of an experiment from the others. The user has no home folder, and libraries look for one. */
export function environment(
  { lane, podAttempt }: PodInput,
  container: keyof typeof healthPorts,
): readonly Wire<V1EnvVar>[] {
  return [
    { name: 'SPLITLAB_LANE', value: String(lane) },
    { name: 'SPLITLAB_POD_ATTEMPT', value: String(podAttempt) },
    { name: 'SPLITLAB_CACHE', value: places.cache },
    { name: 'SPLITLAB_HEALTH_PORT', value: String(healthPorts[container]) },
    { name: 'SPLITLAB_TERMINATION_LOG', value: terminationLog },
    { name: 'HOME', value: places.temporary },
    { name: 'SPLITLAB_CONTAINER', value: container },
    downward('POD_NAME', 'metadata.name'),
    downward('POD_UID', 'metadata.uid'),
    downward('NODE_NAME', 'spec.nodeName'),
  ];
}

/** Variables that no template may set. */
export const reservedEnvironment: ReadonlySet<string> = new Set([
  'SPLITLAB_LANE',
  'SPLITLAB_POD_ATTEMPT',
  'SPLITLAB_CACHE',
  'SPLITLAB_HEALTH_PORT',
  'SPLITLAB_TERMINATION_LOG',
  'HOME',
  'SPLITLAB_CONTAINER',
  'POD_NAME',
  'POD_UID',
  'NODE_NAME',
]);

function downward(name: string, fieldPath: string): Wire<V1EnvVar> {
  return { name, valueFrom: { fieldRef: { fieldPath } } };
}

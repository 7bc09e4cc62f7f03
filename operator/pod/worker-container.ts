import type { V1Container, V1VolumeMount } from '@kubernetes/client-node';
import type { Wire } from '../runtime/wire.ts';
import type { Amounts } from './amounts.ts';
import { environment, healthPorts, terminationLog, workerContainer } from './environment.ts';
import type { PodInput } from './input.ts';
import { places, secretFiles } from './places.ts';
import { workerProbes } from './probes.ts';
import { containerSecurity } from './security.ts';

/** The container that runs one side of a lane. */
export function worker(
  input: PodInput,
  image: string,
  resources: Amounts,
  volumeMounts: readonly Wire<V1VolumeMount>[],
): Wire<V1Container> {
  return {
    name: workerContainer,
    image,
    imagePullPolicy: input.images.pullPolicy,
    args: [`worker/${input.side}/main.js`, `${places.config}/${secretFiles.config}`],
    env: environment(input, 'worker'),
    ports: [{ name: 'health', containerPort: healthPorts.worker }],
    resources,
    ...workerProbes(healthPorts.worker),
    securityContext: containerSecurity,
    terminationMessagePath: terminationLog,
    // A crash of the runtime leaves no message of ours; its last lines say more than nothing.
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts,
  };
}

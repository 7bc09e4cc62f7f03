import type { V1Container } from '@kubernetes/client-node';
import type { Spec } from '../../api/manifest/spec.ts';
import type { Side } from '../../api/subjects.ts';
import type { Wire } from '../runtime/wire.ts';
import { environment, healthPorts, linkContainer, terminationLog } from './environment.ts';
import type { PodInput } from './input.ts';
import { places, secretFiles } from './places.ts';
import { linkProbes } from './probes.ts';
import { linkDefaults } from './resources.ts';
import { containerSecurity } from './security.ts';
import { linkMounts } from './volumes.ts';

/** Whether the pod of a side has the link emulator: the local one, where some link is shaped. */
export function hasLink({ links }: Spec, side: Side): boolean {
  return side === 'local' && links.some(({ type }) => type !== 'None');
}

/** The link emulator as a native sidecar: there before the worker starts and until it has ended. */
export function linkEmulator(input: PodInput): Wire<V1Container> {
  return {
    name: linkContainer,
    image: input.images.cpu,
    imagePullPolicy: input.images.pullPolicy,
    args: ['worker/link/main.js', `${places.config}/${secretFiles.config}`],
    restartPolicy: 'Always',
    env: environment(input, 'link'),
    ports: [{ name: 'link-health', containerPort: healthPorts.link }],
    resources: { requests: linkDefaults, limits: linkDefaults },
    ...linkProbes(healthPorts.link),
    securityContext: containerSecurity,
    terminationMessagePath: terminationLog,
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts: linkMounts(),
  };
}

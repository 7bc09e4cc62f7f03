import type {
  V1EnvFromSource,
  V1EnvVar,
  V1Lifecycle,
  V1Probe,
  V1ResourceRequirements,
  V1VolumeMount,
} from '@kubernetes/client-node';
import { z } from 'zod';
import { type Breach, distinct, type Rule, withRules } from '../../../api/manifest/rules.ts';
import { isPlainObject } from '../../../api/plain-object.ts';
import { configVolume } from '../volumes.ts';
import { verbatim } from './verbatim.ts';

/** What Restricted pod security allows a container to say. */
const securityContextSchema = z.strictObject({
  allowPrivilegeEscalation: z.literal(false).exactOptional(),
  privileged: z.literal(false).exactOptional(),
  readOnlyRootFilesystem: z.boolean().exactOptional(),
  runAsNonRoot: z.literal(true).exactOptional(),
  runAsUser: z.int().min(1).exactOptional(),
  runAsGroup: z.int().min(0).exactOptional(),
  procMount: z.literal('Default').exactOptional(),
  seccompProfile: z.strictObject({ type: z.literal('RuntimeDefault') }).exactOptional(),
  capabilities: z
    .strictObject({
      drop: z.array(z.string()).exactOptional(),
      add: z.array(z.literal('NET_BIND_SERVICE')).exactOptional(),
    })
    .exactOptional(),
});

/** Probes and hooks may ask the pod alone: another host would let the kubelet speak to whom the user cannot. */
const noHost: Rule = {
  check: (value) =>
    hostsIn(value, []).map((path) => ({
      path,
      message: 'would make the kubelet call another host',
      remedy: 'leave host out: the container itself is called',
    })),
};

function hostsIn(value: unknown, path: readonly string[]): readonly (readonly string[])[] {
  if (!isPlainObject(value)) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    const at = [...path, name];
    const isCall = path.at(-1) === 'httpGet' || path.at(-1) === 'tcpSocket';
    return isCall && name === 'host' && member !== '' ? [at] : hostsIn(member, at);
  });
}

const mountSchema = withRules(verbatim<V1VolumeMount>(), {
  check: (mount): readonly Breach[] =>
    isPlainObject(mount) && mount.name === configVolume
      ? [{ path: ['name'], message: 'holds the credentials of the worker', remedy: 'mount another volume' }]
      : [],
});

const hostPort = z.literal(0).exactOptional();
const portSchema = z.strictObject({
  containerPort: z.int(),
  name: z.string().exactOptional(),
  protocol: z.enum(['TCP', 'UDP', 'SCTP']).exactOptional(),
  hostPort,
});

/** A container of a template: one of ours by its name, to which some of this may be added, or one of the user's. */
export const containerSchema = z.strictObject({
  name: z.string(),
  image: z.string().exactOptional(),
  imagePullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']).exactOptional(),
  command: z.array(z.string()).exactOptional(),
  args: z.array(z.string()).exactOptional(),
  workingDir: z.string().exactOptional(),
  env: withRules(z.array(verbatim<V1EnvVar>()), distinct('name')).exactOptional(),
  envFrom: z.array(verbatim<V1EnvFromSource>()).exactOptional(),
  volumeMounts: withRules(z.array(mountSchema), distinct('mountPath')).exactOptional(),
  resources: verbatim<V1ResourceRequirements>().exactOptional(),
  ports: z.array(portSchema).exactOptional(),
  startupProbe: withRules(verbatim<V1Probe>(), noHost).exactOptional(),
  livenessProbe: withRules(verbatim<V1Probe>(), noHost).exactOptional(),
  readinessProbe: withRules(verbatim<V1Probe>(), noHost).exactOptional(),
  lifecycle: withRules(verbatim<V1Lifecycle>(), noHost).exactOptional(),
  terminationMessagePath: z.string().exactOptional(),
  terminationMessagePolicy: z.enum(['File', 'FallbackToLogsOnError']).exactOptional(),
  restartPolicy: z.enum(['Always', 'OnFailure', 'Never']).exactOptional(),
  securityContext: securityContextSchema.exactOptional(),
});

export type TemplateContainer = z.output<typeof containerSchema>;

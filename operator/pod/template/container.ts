import type {
  V1ContainerPort,
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
  allowPrivilegeEscalation: z.literal(false).optional(),
  privileged: z.literal(false).optional(),
  readOnlyRootFilesystem: z.boolean().optional(),
  runAsNonRoot: z.literal(true).optional(),
  runAsUser: z.int().min(1).optional(),
  runAsGroup: z.int().min(0).optional(),
  procMount: z.literal('Default').optional(),
  seccompProfile: z.strictObject({ type: z.literal('RuntimeDefault') }).optional(),
  capabilities: z
    .strictObject({ drop: z.array(z.string()).optional(), add: z.array(z.literal('NET_BIND_SERVICE')).optional() })
    .optional(),
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

const hostPort = z.literal(0).optional();
const portSchema = z.strictObject({
  containerPort: z.int(),
  name: z.string().optional(),
  protocol: z.enum(['TCP', 'UDP', 'SCTP']).optional(),
  hostPort,
});

/** A container of a template: one of ours by its name, to which some of this may be added, or one of the user's. */
export const containerSchema = z.strictObject({
  name: z.string(),
  image: z.string().optional(),
  imagePullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']).optional(),
  command: z.array(z.string()).optional(),
  args: z.array(z.string()).optional(),
  workingDir: z.string().optional(),
  env: withRules(z.array(verbatim<V1EnvVar>()), distinct('name')).optional(),
  envFrom: z.array(verbatim<V1EnvFromSource>()).optional(),
  volumeMounts: withRules(z.array(mountSchema), distinct('mountPath')).optional(),
  resources: verbatim<V1ResourceRequirements>().optional(),
  ports: z.array(portSchema satisfies z.ZodType<V1ContainerPort>).optional(),
  startupProbe: withRules(verbatim<V1Probe>(), noHost).optional(),
  livenessProbe: withRules(verbatim<V1Probe>(), noHost).optional(),
  readinessProbe: withRules(verbatim<V1Probe>(), noHost).optional(),
  lifecycle: withRules(verbatim<V1Lifecycle>(), noHost).optional(),
  terminationMessagePath: z.string().optional(),
  terminationMessagePolicy: z.enum(['File', 'FallbackToLogsOnError']).optional(),
  restartPolicy: z.enum(['Always', 'OnFailure', 'Never']).optional(),
  securityContext: securityContextSchema.optional(),
});

export type TemplateContainer = z.output<typeof containerSchema>;

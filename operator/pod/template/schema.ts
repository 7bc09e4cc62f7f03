import type {
  V1HostAlias,
  V1LocalObjectReference,
  V1PodDNSConfig,
  V1PodResourceClaim,
  V1Toleration,
  V1TopologySpreadConstraint,
} from '@kubernetes/client-node';
import { z } from 'zod';
import { distinct, withRules } from '../../../api/manifest/rules.ts';
import { podSecurity } from '../security.ts';
import { affinitySchema } from './affinity.ts';
import { containerSchema } from './container.ts';
import { metadataSchema } from './metadata.ts';
import { verbatim } from './verbatim.ts';
import { volumeSchema } from './volume.ts';

const groupId = z.int().min(0);

/** Groups decide which files of a volume can be read; all else is ours, and may be repeated. */
const securityContextSchema = z.strictObject({
  fsGroup: groupId.exactOptional(),
  fsGroupChangePolicy: z.enum(['OnRootMismatch', 'Always']).exactOptional(),
  supplementalGroups: z.array(groupId).exactOptional(),
  supplementalGroupsPolicy: z.enum(['Merge', 'Strict']).exactOptional(),
  runAsNonRoot: z.literal(true).exactOptional(),
  runAsUser: z.literal(podSecurity.runAsUser).exactOptional(),
  runAsGroup: z.literal(podSecurity.runAsGroup).exactOptional(),
  seccompProfile: z.strictObject({ type: z.literal('RuntimeDefault') }).exactOptional(),
});

const no = z.literal(false).exactOptional();
const named = () => withRules(z.array(containerSchema), distinct('name')).exactOptional();

/** What a template may say of the pod: what is not here is refused, not dropped. */
const podSchema = z.strictObject({
  nodeSelector: z.record(z.string(), z.string()).exactOptional(),
  affinity: affinitySchema.exactOptional(),
  tolerations: z.array(verbatim<V1Toleration>()).exactOptional(),
  topologySpreadConstraints: z.array(verbatim<V1TopologySpreadConstraint>()).exactOptional(),
  schedulerName: z.string().exactOptional(),
  priorityClassName: z.string().exactOptional(),
  preemptionPolicy: z.enum(['PreemptLowerPriority', 'Never']).exactOptional(),
  runtimeClassName: z.string().exactOptional(),
  resourceClaims: z.array(verbatim<V1PodResourceClaim>()).exactOptional(),
  imagePullSecrets: z.array(verbatim<V1LocalObjectReference>()).exactOptional(),
  dnsPolicy: z.enum(['ClusterFirst', 'Default', 'None']).exactOptional(),
  dnsConfig: verbatim<V1PodDNSConfig>().exactOptional(),
  hostUsers: z.boolean().exactOptional(),
  hostAliases: z.array(verbatim<V1HostAlias>()).exactOptional(),
  securityContext: securityContextSchema.exactOptional(),
  volumes: withRules(z.array(volumeSchema), distinct('name')).exactOptional(),
  containers: named(),
  initContainers: named(),
  // What a whole pod template is often copied with, and what ours is anyway.
  hostNetwork: no,
  hostPID: no,
  hostIPC: no,
  shareProcessNamespace: no,
  automountServiceAccountToken: no,
  enableServiceLinks: no,
  restartPolicy: z.literal('Never').exactOptional(),
  os: z.strictObject({ name: z.literal('linux') }).exactOptional(),
});

/** The part of a pod template that an experiment may bring for one side. */
export const templateSchema = z.strictObject({
  metadata: metadataSchema.exactOptional(),
  spec: podSchema.exactOptional(),
});

export type Template = z.output<typeof templateSchema>;
export type PodTemplate = z.output<typeof podSchema>;

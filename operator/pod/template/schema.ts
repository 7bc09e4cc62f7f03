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
  fsGroup: groupId.optional(),
  fsGroupChangePolicy: z.enum(['OnRootMismatch', 'Always']).optional(),
  supplementalGroups: z.array(groupId).optional(),
  supplementalGroupsPolicy: z.enum(['Merge', 'Strict']).optional(),
  runAsNonRoot: z.literal(true).optional(),
  runAsUser: z.literal(podSecurity.runAsUser).optional(),
  runAsGroup: z.literal(podSecurity.runAsGroup).optional(),
  seccompProfile: z.strictObject({ type: z.literal('RuntimeDefault') }).optional(),
});

const no = z.literal(false).optional();
const named = () => withRules(z.array(containerSchema), distinct('name')).optional();

/** What a template may say of the pod: what is not here is refused, not dropped. */
const podSchema = z.strictObject({
  nodeSelector: z.record(z.string(), z.string()).optional(),
  affinity: affinitySchema.optional(),
  tolerations: z.array(verbatim<V1Toleration>()).optional(),
  topologySpreadConstraints: z.array(verbatim<V1TopologySpreadConstraint>()).optional(),
  schedulerName: z.string().optional(),
  priorityClassName: z.string().optional(),
  preemptionPolicy: z.enum(['PreemptLowerPriority', 'Never']).optional(),
  runtimeClassName: z.string().optional(),
  resourceClaims: z.array(verbatim<V1PodResourceClaim>()).optional(),
  imagePullSecrets: z.array(verbatim<V1LocalObjectReference>()).optional(),
  dnsPolicy: z.enum(['ClusterFirst', 'Default', 'None']).optional(),
  dnsConfig: verbatim<V1PodDNSConfig>().optional(),
  hostAliases: z.array(verbatim<V1HostAlias>()).optional(),
  securityContext: securityContextSchema.optional(),
  volumes: withRules(z.array(volumeSchema), distinct('name')).optional(),
  containers: named(),
  initContainers: named(),
  // What a whole pod template is often copied with, and what ours is anyway.
  hostNetwork: no,
  hostPID: no,
  hostIPC: no,
  hostUsers: no,
  shareProcessNamespace: no,
  automountServiceAccountToken: no,
  enableServiceLinks: no,
  restartPolicy: z.literal('Never').optional(),
  os: z.strictObject({ name: z.literal('linux') }).optional(),
});

/** The part of a pod template that an experiment may bring for one side. */
export const templateSchema = z.strictObject({ metadata: metadataSchema.optional(), spec: podSchema.optional() });

export type Template = z.output<typeof templateSchema>;
export type PodTemplate = z.output<typeof podSchema>;

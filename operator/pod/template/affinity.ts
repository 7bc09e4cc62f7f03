import type {
  V1NodeAffinity,
  V1PodAffinity,
  V1PodAffinityTerm,
  V1WeightedPodAffinityTerm,
} from '@kubernetes/client-node';
import { z } from 'zod';
import { verbatim } from './verbatim.ts';

/** Affinity of which the preferred anti-affinity is merged with ours. */
export const affinitySchema = z.strictObject({
  nodeAffinity: verbatim<V1NodeAffinity>().exactOptional(),
  podAffinity: verbatim<V1PodAffinity>().exactOptional(),
  podAntiAffinity: z
    .strictObject({
      preferredDuringSchedulingIgnoredDuringExecution: z.array(verbatim<V1WeightedPodAffinityTerm>()).exactOptional(),
      requiredDuringSchedulingIgnoredDuringExecution: z.array(verbatim<V1PodAffinityTerm>()).exactOptional(),
    })
    .exactOptional(),
});

export type TemplateAffinity = z.output<typeof affinitySchema>;

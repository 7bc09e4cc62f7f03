import type { V1NodeAffinity, V1PodAffinity, V1PodAffinityTerm, V1WeightedPodAffinityTerm } from '@kubernetes/client-node';
import { z } from 'zod';
import { verbatim } from './verbatim.ts';

/** Affinity of which the preferred anti-affinity is merged with ours. */
export const affinitySchema = z.strictObject({
  nodeAffinity: verbatim<V1NodeAffinity>().optional(),
  podAffinity: verbatim<V1PodAffinity>().optional(),
  podAntiAffinity: z
    .strictObject({
      preferredDuringSchedulingIgnoredDuringExecution: z.array(verbatim<V1WeightedPodAffinityTerm>()).optional(),
      requiredDuringSchedulingIgnoredDuringExecution: z.array(verbatim<V1PodAffinityTerm>()).optional(),
    })
    .optional(),
});

export type TemplateAffinity = z.output<typeof affinitySchema>;

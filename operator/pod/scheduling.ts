import type {
  V1Affinity,
  V1PodAffinityTerm,
  V1PodSpec,
  V1Toleration,
  V1WeightedPodAffinityTerm,
} from '@kubernetes/client-node';
import type { Wire } from '../runtime/wire.ts';
import { gpuTolerations } from './gpu.ts';
import type { PodInput } from './input.ts';
import { labelKeys } from './labels.ts';
import type { TemplateAffinity } from './template/affinity.ts';
import type { PodTemplate } from './template/schema.ts';

/** Two sides on one node share its cores, and their link is no network; two lanes disturb each other. */
const betweenSides = 100;
const betweenLanes = 50;

type Scheduling = Pick<Wire<V1PodSpec>, 'affinity' | 'tolerations'>;

/** Where the pod would rather not run and what it tolerates, with what a template adds. */
export function scheduling(input: PodInput, template: PodTemplate): Scheduling {
  const tolerations = distinct([...gpuTolerations(input.manifest.spec[input.side]), ...(template.tolerations ?? [])]);
  return { affinity: affinity(input, template.affinity ?? {}), ...(tolerations.length > 0 && { tolerations }) };
}

/** Preferences are added up by the scheduler, so that both kinds stand side by side. */
function affinity({ owner, lane }: PodInput, { podAntiAffinity, ...template }: TemplateAffinity): Wire<V1Affinity> {
  const ours: readonly Wire<V1WeightedPodAffinityTerm>[] = [
    { weight: betweenSides, podAffinityTerm: sameHost(owner.uid, 'In', lane) },
    { weight: betweenLanes, podAffinityTerm: sameHost(owner.uid, 'NotIn', lane) },
  ];
  const theirs = podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  return {
    ...template,
    podAntiAffinity: { ...podAntiAffinity, preferredDuringSchedulingIgnoredDuringExecution: [...ours, ...theirs] },
  };
}

function sameHost(uid: string, operator: 'In' | 'NotIn', lane: number): Wire<V1PodAffinityTerm> {
  const matchExpressions = [{ key: labelKeys.lane, operator, values: [String(lane)] }];
  return {
    topologyKey: 'kubernetes.io/hostname',
    labelSelector: { matchLabels: { [labelKeys.experimentUid]: uid }, matchExpressions },
  };
}

function distinct(tolerations: readonly Wire<V1Toleration>[]): readonly Wire<V1Toleration>[] {
  const identity = ({ key, operator = 'Equal', value, effect, tolerationSeconds }: Wire<V1Toleration>) =>
    JSON.stringify([key, operator, value, effect, tolerationSeconds]);
  return [...new Map(tolerations.map((toleration) => [identity(toleration), toleration])).values()];
}

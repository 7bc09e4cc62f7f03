import type { V1Pod, V1PodSpec } from '@kubernetes/client-node';
import type { Wire } from '../runtime/wire.ts';
import { checkPods, hasClaims, workerOf } from './check.ts';
import { PodShapeInvalid } from './errors.ts';
import { imageOf } from './gpu.ts';
import type { PodInput } from './input.ts';
import { ownedBy, podLabels } from './labels.ts';
import { hasLink, linkEmulator } from './link-container.ts';
import { podName } from './name.ts';
import { workerAmounts } from './resources.ts';
import { scheduling } from './scheduling.ts';
import { podSecurity } from './security.ts';
import { parseTemplate } from './template/check.ts';
import { mergeContainers } from './template/merge.ts';
import type { PodTemplate, Template } from './template/schema.ts';
import { undisturbed } from './undisturbed.ts';
import { workerVolumes } from './volumes.ts';
import { worker } from './worker-container.ts';

/** A run under way ends first and the visit is given back over NATS, which may just be down; spans are sent. */
const gracePeriodSeconds = 60;

/** The pod of one worker. Throws PodShapeInvalid where `checkPods` finds a problem. */
export function desiredPod(input: PodInput): Wire<V1Pod> {
  const template = templateOf(input);
  const { owner, lane, side, podAttempt } = input;
  const metadata = ownedBy(owner, podName(owner.name, lane, side, podAttempt));
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...metadata,
      labels: { ...template.metadata?.labels, ...undisturbed.labels, ...podLabels(input) },
      annotations: { ...template.metadata?.annotations, ...undisturbed.annotations },
    },
    spec: podSpec(input, template),
  };
}

function templateOf({ manifest: { spec }, side }: PodInput): Template {
  const problems = checkPods(spec);
  if (problems.length > 0) throw new PodShapeInvalid(problems);
  const context = { path: `spec.${side}.template`, hasLink: hasLink(spec, side) };
  const parsed = parseTemplate(spec[side].template, context);
  if (!parsed.ok) throw new PodShapeInvalid(parsed.problems);
  return parsed.template;
}

/** What is said last wins: ours. */
function podSpec(input: PodInput, template: Template): Wire<V1PodSpec> {
  const { manifest, side, images } = input;
  const { spec } = manifest;
  const { securityContext, containers, initContainers, volumes = [], ...fields }: PodTemplate = template.spec ?? {};
  const ours = workerVolumes(input);
  const image = imageOf(spec[side], images) ?? workerOf(template)?.image ?? '';
  const amounts = workerAmounts(spec, side, hasClaims(template));
  const inits = mergeContainers(hasLink(spec, side) ? [linkEmulator(input)] : [], initContainers);
  return {
    ...fields,
    ...scheduling(input, template.spec ?? {}),
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: gracePeriodSeconds,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: { ...podSecurity, ...securityContext },
    ...(inits.length > 0 && { initContainers: inits }),
    containers: mergeContainers([worker(input, image, amounts, ours.mounts)], containers),
    volumes: [...ours.volumes, ...volumes],
  };
}

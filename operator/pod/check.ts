import type { Problem } from '../../api/manifest/problem.ts';
import type { Spec } from '../../api/manifest/spec.ts';
import type { Side } from '../../api/subjects.ts';
import { checkResources } from './check-resources.ts';
import { workerContainer } from './environment.ts';
import { imageOf, providersWithImage } from './gpu.ts';
import { hasLink } from './link-container.ts';
import { parseTemplate } from './template/check.ts';
import type { Template } from './template/schema.ts';

/** All that hinders the pods of an experiment and can be known from its manifest; empty where they can be made. */
export function checkPods(spec: Spec): readonly Problem[] {
  return (['local', 'remote'] as const).flatMap((side) => {
    const template = parseTemplate(spec[side].template, {
      path: `spec.${side}.template`,
      hasLink: hasLink(spec, side),
    });
    if (!template.ok) return [...template.problems, ...checkResources(spec, side, false)];
    return [
      ...checkResources(spec, side, hasClaims(template.template)),
      ...checkProvider(spec, side, template.template),
    ];
  });
}

/** Whether the worker gets devices by claims of dynamic resource allocation. */
export function hasClaims(template: Template): boolean {
  return (workerOf(template)?.resources?.claims ?? []).length > 0;
}

/** What a template adds to our container of this name. */
export function workerOf({ spec }: Template) {
  return spec?.containers?.find(({ name }) => name === workerContainer);
}

function checkProvider(spec: Spec, side: Side, template: Template): readonly Problem[] {
  const worker = spec[side];
  const none = { cpu: 'cpu', cuda: 'cuda', pullPolicy: 'Always' } as const;
  if (imageOf(worker, none) !== undefined || workerOf(template)?.image !== undefined) return [];
  return [
    {
      path: `spec.${side}.executionProvider`,
      value: worker.executionProvider,
      message: 'is in no image of splitlab',
      remedy: `write one of ${providersWithImage.join(', ')}, or an image that has it: template.spec.containers, name: worker`,
    },
  ];
}

import type { Problem } from '../../../api/manifest/problem.ts';
import { breachesOf, problemAt } from './explain.ts';
import { containerBreaches } from './own-containers.ts';
import { type Template, templateSchema } from './schema.ts';

export interface TemplateContext {
  /** Where the template stands in the manifest. */
  readonly path: string;
  /** Whether the pod has the link emulator. */
  readonly hasLink: boolean;
}

export type TemplateResult =
  | { readonly ok: true; readonly template: Template }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Reads a pod template of the manifest, or says all that it may not hold. */
export function parseTemplate(value: unknown, { path, hasLink }: TemplateContext): TemplateResult {
  const parsed = templateSchema.safeParse(value ?? {});
  const breaches = parsed.success
    ? containerBreaches(parsed.data.spec ?? {}, { hasLink })
    : breachesOf(parsed.error.issues, templateSchema);
  if (!parsed.success || breaches.length > 0) {
    return { ok: false, problems: breaches.map((breach) => problemAt(path, value, breach)) };
  }
  return { ok: true, template: parsed.data };
}

/** All that a pod template may not hold: what would weaken the pod, and what is not the user's to set. */
export function checkTemplate(
  value: unknown,
  { path = 'spec.local.template', hasLink = false }: Partial<TemplateContext> = {},
): readonly Problem[] {
  const result = parseTemplate(value, { path, hasLink });
  return result.ok ? [] : result.problems;
}

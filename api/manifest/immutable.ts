import type { CelRule } from './rules.ts';
import type { SchemaNode } from './schema-tree.ts';

/** Members of spec that may change after the start. */
export const mutableMembers = ['suspend', 'ttlSecondsAfterFinished', 'results'] as const;

/** Members of spec that may change after the start as long as the experiment is suspended. */
export const mutableWhileSuspended = ['lanes'] as const;

const message =
  'after the start only suspend, ttlSecondsAfterFinished and results may change, and lanes while suspended; make a new experiment for the rest';

/**
 * The one rule on the root of the object that keeps a started experiment as it is. CEL takes lists of the types map and
 * set for equal in any order, and does not see every change of a template: `specDigest` finds the rest.
 */
export function immutableAfterStart(spec: SchemaNode): CelRule {
  const fixed = Object.entries(spec.properties ?? {})
    .filter(([name]) => !isOneOf(mutableMembers, name))
    .map(([name, member]) => unchanged(name, member.default !== undefined || spec.required?.includes(name) === true));
  return {
    rule: `!has(oldSelf.status) || !has(oldSelf.status.startTime) || (${fixed.join(' && ')})`,
    message,
    fieldPath: '.spec',
    reason: 'FieldValueForbidden',
  };
}

function unchanged(name: string, always: boolean): string {
  const [now, before] = [`self.spec.${name}`, `oldSelf.spec.${name}`];
  if (isOneOf(mutableWhileSuspended, name)) return `(${now} == ${before} || oldSelf.spec.suspend)`;
  return always ? `${now} == ${before}` : `has(${now}) == has(${before}) && (!has(${now}) || ${now} == ${before})`;
}

function isOneOf(names: readonly string[], name: string): boolean {
  return names.includes(name);
}

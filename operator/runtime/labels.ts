import type { KubeObject } from './objects.ts';

/** What a label must be: this value, one of these, there (`true`), or absent (`false`). */
export type LabelRequirement = string | readonly string[] | boolean;

/** Writes requirements as the text that `labelSelector` takes: `{a: 'b', c: true}` is `a=b,c`. */
export function labelSelector(requirements: Readonly<Record<string, LabelRequirement>>): string {
  return Object.entries(requirements)
    .map(([label, requirement]) => {
      if (requirement === true) return label;
      if (requirement === false) return `!${label}`;
      return typeof requirement === 'string' ? `${label}=${requirement}` : `${label} in (${requirement.join(',')})`;
    })
    .join(',');
}

/** Whether the object carries all of these labels with these values. */
export function matchesLabels(object: KubeObject, labels: Readonly<Record<string, string>>): boolean {
  const has = object.metadata?.labels;
  return Object.entries(labels).every(([label, value]) => has?.[label] === value);
}

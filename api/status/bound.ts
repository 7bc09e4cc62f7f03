import { type SchemaNode, toStructural } from '../manifest/schema-tree.ts';
import { isPlainObject } from '../plain-object.ts';
import { type ExperimentStatus, experimentStatusSchema } from './status.ts';

let tree: SchemaNode | undefined;

/** The structural form of the status, made once. */
export function statusTree(): SchemaNode {
  tree ??= toStructural(experimentStatusSchema);
  return tree;
}

const maxStatusBytes = 64 * 1024;

/**
 * The status with long texts shortened and long lists cut off, so that it is below 64 KiB as JSON whatever layers and
 * schedulers have to say. Texts end in "…" where something is missing; the last of the best trials go where there is no
 * room for all. Throws ZodError for a status that is wrong in another way.
 */
export function boundStatus(status: ExperimentStatus): ExperimentStatus {
  let fitting = experimentStatusSchema.parse(bounded(statusTree(), status));
  while (bytesInJson(fitting) >= maxStatusBytes) fitting = withFewerTrials(fitting);
  return fitting;
}

function withFewerTrials({ best = [], pareto = [], ...rest }: ExperimentStatus) {
  const fromBest = best.length >= pareto.length;
  return { ...rest, best: fromBest ? best.slice(0, -1) : best, pareto: fromBest ? pareto : pareto.slice(0, -1) };
}

function bounded(node: SchemaNode | undefined, value: unknown): unknown {
  if (typeof value === 'string') return shorten(value, Number(node?.maxLength ?? Number.POSITIVE_INFINITY));
  if (Array.isArray(value)) {
    return value.slice(0, Number(node?.maxItems)).map((item: unknown) => bounded(node?.items, item));
  }
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, bounded(node?.properties?.[name], member)]),
  );
}

const ellipsis = '…';

/** The text, cut so that it takes at most `maxBytes` in JSON: escapes and UTF-8 count, not characters. */
export function shorten(text: string, maxBytes: number): string {
  if (bytesInText(text) <= maxBytes) return text;
  let [kept, left] = ['', maxBytes - bytesInText(ellipsis)];
  for (const character of text) {
    left -= bytesInText(character);
    if (left < 0) break;
    kept += character;
  }
  return `${kept}${ellipsis}`;
}

function bytesInText(text: string): number {
  return bytesInJson(text) - 2;
}

function bytesInJson(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

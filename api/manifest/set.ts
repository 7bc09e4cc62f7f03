import { isPlainObject } from '../plain-object.ts';
import { unknownField } from './issues.ts';
import { manifestSchema } from './manifest.ts';
import { formatPath, type Path, readPath, valueAt } from './path.ts';
import type { Problem } from './problem.ts';
import { type SchemaNode, schemaAt, toStructural } from './schema-tree.ts';
import { readYaml } from './yaml.ts';

export type SetResult =
  | { readonly ok: true; readonly manifest: unknown; readonly path: Path }
  | { readonly ok: false; readonly problems: readonly Problem[] };

let tree: SchemaNode | undefined;

/** The structural form of the manifest's schema, made once. */
export function manifestTree(): SchemaNode {
  tree ??= toStructural(manifestSchema);
  return tree;
}

/**
 * A manifest, not yet checked, with one value replaced: `spec.links[0].name=wifi`. The value is YAML (`[1, 2]`, `true`,
 * `{name: a, type: None}`); `null` removes what stands there. Objects on the way are made, and the index after a list's
 * last item adds one. The path must be one that the manifest's schema knows.
 */
export function setPath(manifest: unknown, assignment: string): SetResult {
  const read = readPath(assignment);
  if (!read?.rest.startsWith('=')) {
    return refused('', assignment, 'is not path=value', 'write it like spec.measurement.blocks=5');
  }
  const { path } = read;
  const unknown = path.findIndex((_, index) => schemaAt(manifestTree(), path.slice(0, index + 1)) === undefined);
  if (unknown >= 0)
    return { ok: false, problems: [unknownField(path.slice(0, unknown + 1), manifest, manifestTree()).problem] };
  const text = read.rest.slice(1);
  const { value, problems } = text.trim() === '' ? { value: null, problems: [] } : readYaml(text);
  const [problem] = problems;
  if (problem && problem.message !== 'is empty')
    return refused(formatPath(path), text, problem.message, problem.remedy);
  const wrong = path.findIndex((step, index) => !fits(valueAt(manifest, path.slice(0, index)), step));
  if (wrong >= 0) return misfit(manifest, path.slice(0, wrong + 1));
  return { ok: true, manifest: replaced(manifest, path, value ?? undefined), path };
}

function fits(container: unknown, step: string | number): boolean {
  if (container === undefined || container === null) return step === 0 || typeof step === 'string';
  if (Array.isArray(container)) return typeof step === 'number' && step <= container.length;
  return typeof container === 'object' && typeof step === 'string';
}

function misfit(manifest: unknown, path: Path): SetResult {
  const parent = valueAt(manifest, path.slice(0, -1));
  const count = Array.isArray(parent) ? parent.length : 0;
  const remedy =
    typeof path.at(-1) === 'number' ? `the list has ${count} items, counted from 0` : 'correct the manifest first';
  return refused(formatPath(path), undefined, 'cannot be set', remedy);
}

function replaced(container: unknown, path: Path, value: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (typeof step === 'number') {
    const list: unknown[] = Array.isArray(container) ? [...container] : [];
    const item = replaced(list[step], rest, value);
    list.splice(step, 1, ...(item === undefined ? [] : [item]));
    return list;
  }
  const { [step]: member, ...others } = isPlainObject(container) ? container : {};
  const changed = replaced(member, rest, value);
  return changed === undefined ? others : { ...others, [step]: changed };
}

function refused(path: string, value: unknown, message: string, remedy: string): SetResult {
  return { ok: false, problems: [{ path, value, message, remedy }] };
}

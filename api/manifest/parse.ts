import { problemsOf } from './issues.ts';
import { type Manifest, manifestSchema } from './manifest.ts';
import { type Path, readPath } from './path.ts';
import type { Problem } from './problem.ts';
import { manifestTree, setPath } from './set.ts';
import { readYaml } from './yaml.ts';

export type ParseResult =
  | {
      readonly ok: true;
      readonly manifest: Manifest;
      /** Where the value at a path stands, or what is around it, for problems that are found later. */
      readonly locate: (path: string) => Place;
    }
  | {
      readonly ok: false;
      readonly problems: readonly Problem[];
      /** What was written, as far as it is YAML, so that other mistakes in it can be told at once. */
      readonly written: unknown;
      readonly locate: (path: string) => Place;
    };

type Place = Pick<Problem, 'source' | 'line' | 'column'>;

/**
 * Reads a manifest from YAML or JSON and fills in its static defaults, or says everything that is wrong with it.
 * `source` names the text in problems; each of `set` replaces a value beforehand, as `setPath` does.
 */
export function parseManifest(
  text: string,
  source: string,
  { set = [] }: { readonly set?: readonly string[] } = {},
): ParseResult {
  const yaml = readYaml(text);
  const fromText = yaml.problems.map((problem) => ({ ...problem, source }));
  if (yaml.value === undefined)
    return { ok: false, problems: fromText, written: undefined, locate: () => ({ source }) };
  const changed = applyAll(yaml.value, set);
  const parsed = manifestSchema.safeParse(changed.value);
  const found = parsed.success ? [] : problemsOf(parsed.error.issues, changed.value, manifestTree());
  const known = new Set(fromText.map(({ path }) => path));
  const place = (at: Path, aboutName: boolean): Place => {
    const set = changed.paths.findLast(({ path }) => path.every((step, index) => at[index] === step));
    return set ? { source: set.option } : { source, ...yaml.locate(at, aboutName) };
  };
  const placed = found
    .filter(({ problem }) => !known.has(problem.path))
    .map(({ at, aboutName, problem }) => ({ ...problem, ...place(at, aboutName) }));
  const problems = [...fromText, ...placed, ...changed.problems].sort(byPlace);
  const locate = (path: string) => place(readPath(path)?.path ?? [], false);
  if (!parsed.success || problems.length > 0) return { ok: false, problems, written: changed.value, locate };
  return { ok: true, manifest: parsed.data, locate };
}

/** In the order of the text; what does not stand in it comes last. */
function byPlace(a: Problem, b: Problem): number {
  if (a.line === undefined || b.line === undefined) return Number(a.line === undefined) - Number(b.line === undefined);
  return a.line - b.line || (a.column ?? 0) - (b.column ?? 0);
}

interface Changed {
  readonly value: unknown;
  readonly problems: readonly Problem[];
  readonly paths: readonly { readonly path: Path; readonly option: string }[];
}

function applyAll(start: unknown, assignments: readonly string[]): Changed {
  let value = start;
  const problems: Problem[] = [];
  const paths: Changed['paths'][number][] = [];
  for (const assignment of assignments) {
    const option = `--set ${assignment}`;
    const result = setPath(value, assignment);
    if (result.ok) {
      value = result.manifest;
      paths.push({ path: result.path, option });
    } else {
      problems.push(...result.problems.map((problem) => ({ ...problem, source: option })));
    }
  }
  return { value, problems, paths };
}

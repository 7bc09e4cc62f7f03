import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseAllDocuments } from 'yaml';
import { formatPath, type Path } from './path.ts';
import type { Problem } from './problem.ts';

/** What a YAML text holds, and where in the text each value stands. */
export interface YamlText {
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** Line and column (from 1) of the value at a path, or of its name; of what is around it where it does not stand in the text. */
  readonly locate: (path: Path, aboutName: boolean) => Place;
}

type Place = Pick<Problem, 'line' | 'column'>;

const maxLength = 1_048_576;
const maxDepth = 64;
const maxAliasCount = 100;
const plainTags = ['map', 'seq', 'str', 'int', 'float', 'bool', 'null'].map((name) => `tag:yaml.org,2002:${name}`);

/**
 * Reads one YAML 1.2 document (JSON is one too). Everything that could be read in more than one way is a problem: names
 * that occur twice, tags, several documents. Aliases and merge keys work, as far as they do not multiply.
 */
export function readYaml(text: string): YamlText {
  if (text.length > maxLength) {
    return failed('is too long', `a manifest has at most ${maxLength} characters`);
  }
  try {
    return readDocument(text);
  } catch (error) {
    if (error instanceof RangeError) return failed('is nested too deeply', `nest at most ${maxDepth} levels`);
    if (error instanceof ReferenceError) return failed('has too many aliases', 'write the values out');
    // What the library says of a merge key that merges no map, for instance, has no class of its own.
    return failed(
      `is not YAML: ${error instanceof Error ? error.message : String(error)}`,
      'correct what stands there',
    );
  }
}

function readDocument(text: string): YamlText {
  const lines = new LineCounter();
  const options = {
    lineCounter: lines,
    uniqueKeys: false,
    merge: true,
    schema: 'core',
    stringKeys: true,
    prettyErrors: false,
  } as const;
  const documents = [...parseAllDocuments(text, options)];
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const syntax = documents.flatMap(({ errors, warnings }) => [...errors, ...warnings]);
  if (syntax.length > 0) {
    const problems = syntax.map(({ message, pos }) => ({
      path: '',
      message: `is not YAML: ${message}`,
      remedy: 'correct what stands there',
      ...place(pos[0]),
    }));
    return { value: undefined, problems, locate: () => ({}) };
  }
  const [document, second] = documents.filter(({ contents }) => !isScalar(contents) || contents.value !== null);
  if (!document?.contents) return failed('is empty', 'write a manifest');
  if (second)
    return { ...failed('holds more than one document', 'write each manifest to a file of its own'), value: undefined };
  const problems = nodeProblems(document.contents, [], place);
  return {
    value: problems.some(({ message }) => message === tooDeep) ? undefined : document.toJS({ maxAliasCount }),
    problems,
    locate: (path, aboutName) => locate(document, path, aboutName, place),
  };
}

const tooDeep = 'is nested too deeply';

function nodeProblems(node: unknown, path: Path, place: (offset: number) => Place): Problem[] {
  if (!isMap(node) && !isSeq(node) && !isScalar(node)) return [];
  const here = { path: formatPath(path), ...place(node.range?.[0] ?? 0) };
  if (path.length > maxDepth) return [{ ...here, message: tooDeep, remedy: `nest at most ${maxDepth} levels` }];
  if (node.tag !== undefined && !plainTags.includes(node.tag)) {
    return [{ ...here, message: `has the tag ${node.tag}`, remedy: 'leave the tag out' }];
  }
  if (isSeq(node)) return node.items.flatMap((item, index) => nodeProblems(item, [...path, index], place));
  if (isScalar(node)) {
    const infinite = typeof node.value === 'number' && !Number.isFinite(node.value);
    return infinite
      ? [{ ...here, value: node.value, message: 'is not a finite number', remedy: 'write a number' }]
      : [];
  }
  const seen = new Set<string>();
  return node.items.flatMap(({ key, value }) => {
    const name = isScalar(key) ? String(key.value) : '';
    const twice = seen.has(name) && name !== '<<';
    seen.add(name);
    const at = [...path, name];
    const problem = {
      path: formatPath(at),
      message: 'is written twice',
      remedy: 'leave one of them out',
      ...place(isScalar(key) ? (key.range?.[0] ?? 0) : 0),
    };
    return [...(twice ? [problem] : []), ...nodeProblems(value, at, place)];
  });
}

function locate(document: Document, path: Path, aboutName: boolean, place: (offset: number) => Place): Place {
  let node: unknown = document.contents;
  let offset = (document.contents as Node | null)?.range?.[0] ?? 0;
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isSeq(node)) {
      node = node.items[Number(step)];
    } else if (isMap(node)) {
      const pair = node.items.findLast(({ key }) => isScalar(key) && String(key.value) === step);
      if (isScalar(pair?.key)) offset = pair.key.range?.[0] ?? offset;
      node = pair?.value;
    } else {
      node = undefined;
    }
    if (!isScalar(node) && !isMap(node) && !isSeq(node) && !isAlias(node)) break;
    if (typeof step === 'number' || (isScalar(node) && !aboutName)) offset = node.range?.[0] ?? offset;
  }
  return place(offset);
}

function failed(message: string, remedy: string): YamlText {
  return { value: undefined, problems: [{ path: '', message, remedy }], locate: () => ({}) };
}

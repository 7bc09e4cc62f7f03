import type { z } from 'zod';
import { nearest } from '../nearest.ts';
import { accepted } from './accepted.ts';
import { formatPath, type Path, valueAt } from './path.ts';
import type { Problem } from './problem.ts';
import { knownNames, type SchemaNode, schemaAt } from './schema-tree.ts';

/** A problem and the path it stands at, with whether it is about the member's name rather than its value. */
export interface PlacedProblem {
  readonly at: Path;
  readonly aboutName: boolean;
  readonly problem: Problem;
}

/** What zod found wrong with `value`, in our words; `tree` is the structural form of the schema that it was parsed with. */
export function problemsOf(issues: readonly z.core.$ZodIssue[], value: unknown, tree: SchemaNode): PlacedProblem[] {
  return issues.flatMap((issue) => {
    const at = issue.path.filter((step) => typeof step !== 'symbol');
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => unknownField([...at, key], value, tree));
    }
    const found = valueAt(value, at);
    const node = schemaAt(tree, at);
    return [{ at, aboutName: false, problem: { path: formatPath(at), value: found, ...explain(issue, found, node) } }];
  });
}

/** The problem of a member that its object does not declare, with the names that may have been meant. */
export function unknownField(at: Path, value: unknown, tree: SchemaNode): PlacedProblem {
  const parent = at.slice(0, -1);
  const known = knownNames(schemaAt(tree, parent));
  const meant = nearest(String(at.at(-1)), known);
  const remedy =
    meant.length > 0
      ? `did you mean ${meant.join(' or ')}?`
      : known.length > 0
        ? `known fields are ${known.join(', ')}`
        : 'it has no fields';
  const message = `is not a field of ${formatPath(parent) || 'the manifest'}`;
  return { at, aboutName: true, problem: { path: formatPath(at), value: valueAt(value, at), message, remedy } };
}

function explain(
  issue: z.core.$ZodIssue,
  found: unknown,
  node: SchemaNode | null | undefined,
): Pick<Problem, 'message' | 'remedy'> {
  const ours = issue.code === 'custom' ? issue.params?.remedy : undefined;
  if (typeof ours === 'string') return { message: issue.message, remedy: ours };
  if (found === undefined) return { message: 'is missing', remedy: `write ${accepted(node)}` };
  if (found === null) return { message: 'is empty', remedy: `write ${accepted(node)}, or leave the field out` };
  switch (issue.code) {
    case 'invalid_type': {
      const wanted = accepted(node);
      const quotes = wanted.startsWith('a text') && typeof found !== 'object' ? ', in quotes' : '';
      return { message: `is ${typeName(found)}`, remedy: `write ${wanted}${quotes}` };
    }
    case 'invalid_value':
      return { message: 'is not accepted', remedy: choice(found, node) };
    case 'too_small':
      return {
        message: issue.origin === 'array' ? 'has too few items' : 'is too small',
        remedy: `write ${accepted(node)}`,
      };
    case 'too_big':
      return {
        message: issue.origin === 'array' ? 'has too many items' : 'is too large',
        remedy: `write ${accepted(node)}`,
      };
    case 'invalid_format':
      return { message: 'does not have the right form', remedy: `write ${issue.message}` };
    case 'invalid_union':
      return { message: `is ${typeName(found)}`, remedy: `write ${accepted(node)}` };
    default:
      return { message: issue.message, remedy: `write ${accepted(node)}` };
  }
}

function choice(found: unknown, node: SchemaNode | null | undefined): string {
  const meant = nearest(String(found), (node?.enum ?? []).map(String), 1);
  return `${meant.length > 0 ? `did you mean ${meant[0]}? ` : ''}write ${accepted(node)}`;
}

function typeName(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  switch (typeof value) {
    case 'string':
      return 'a text';
    case 'number':
      return Number.isInteger(value) ? 'a number' : 'a number with a fraction';
    case 'boolean':
      return 'true or false';
    default:
      return 'an object';
  }
}

import { z } from 'zod';
import { formatPath, type Path, readPath, valueAt } from '../../../api/manifest/path.ts';
import type { Problem } from '../../../api/manifest/problem.ts';
import type { Breach } from '../../../api/manifest/rules.ts';
import { nearest } from '../../../api/nearest.ts';
import { refusalAt } from './refusals.ts';

/** What zod found wrong with a template, in our words; paths are those of the template. */
export function breachesOf(issues: readonly z.core.$ZodIssue[], schema: z.ZodType): readonly Breach[] {
  const withUnknown = new Set(
    issues.filter(({ code }) => code === 'unrecognized_keys').map(({ path }) => path.join('.')),
  );
  return issues.flatMap((issue) => {
    // Of an object whose member is refused, it need not be said that it has no other.
    if (issue.code === 'custom' && withUnknown.has(issue.path.join('.'))) return [];
    const path = issue.path.filter((step) => typeof step !== 'symbol');
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownField(schema, path, key));
    return [{ path, ...explain(issue, path) }];
  });
}

/** A breach as a problem of the manifest, whose field `base` holds the template. */
export function problemAt(base: string, template: unknown, { path, message, remedy }: Breach): Problem {
  const above = readPath(base)?.path ?? [];
  return { path: formatPath([...above, ...path]), value: valueAt(template, path), message, remedy };
}

function unknownField(schema: z.ZodType, parent: Path, field: string): Breach {
  const path = [...parent, field];
  const refusal = refusalAt(parent, field);
  if (refusal !== undefined) return { path, ...refusal };
  const known = fieldsAt(schema, parent);
  const meant = nearest(field, known);
  const remedy = meant.length > 0 ? `did you mean ${meant.join(' or ')}?` : `known fields are ${known.join(', ')}`;
  return { path, message: 'is not a field that a template may have', remedy };
}

function explain(issue: z.core.$ZodIssue, path: Path): Pick<Breach, 'message' | 'remedy'> {
  for (let end = path.length; end > 0; end--) {
    const refusal = refusalAt(path.slice(0, end - 1), String(path[end - 1]));
    if (refusal !== undefined) return refusal;
  }
  const remedy = issue.code === 'custom' ? issue.params?.remedy : undefined;
  if (typeof remedy === 'string') return { message: issue.message, remedy };
  return { message: 'does not have the right form', remedy: `write ${accepted(issue)}` };
}

const typeNames: Readonly<Record<string, string>> = {
  array: 'a list',
  record: 'an object',
  object: 'an object',
  string: 'a text',
  int: 'a whole number',
  boolean: 'true or false',
};

function accepted(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_value':
      return issue.values.map(String).join(' or ');
    case 'invalid_type':
      return typeNames[issue.expected] ?? `a ${issue.expected}`;
    default:
      return issue.message;
  }
}

/** Names of the members that the schema knows at a path. */
function fieldsAt(schema: z.ZodType, path: Path): readonly string[] {
  let node: unknown = schema;
  for (const step of path) {
    node = unwrap(node);
    if (node instanceof z.ZodArray) node = node.element;
    else if (node instanceof z.ZodObject) node = node.shape[step];
  }
  const found = unwrap(node);
  return found instanceof z.ZodObject ? Object.keys(found.shape) : [];
}

function unwrap(node: unknown): unknown {
  return node instanceof z.ZodExactOptional ? unwrap(node.unwrap()) : node;
}

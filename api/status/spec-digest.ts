import { createHash } from 'node:crypto';
import { canonicalJson } from '../canonical.ts';
import { mutableMembers, mutableWhileSuspended } from '../manifest/immutable.ts';
import { type SchemaNode, toStructural } from '../manifest/schema-tree.ts';
import { specSchema } from '../manifest/spec.ts';
import { isPlainObject } from '../plain-object.ts';

let tree: SchemaNode | undefined;

/**
 * The digest of the part of a spec that cannot change after the start, as stored in the object or with its defaults
 * filled in. Members that have their default count as absent, so that a field which a later version adds changes no
 * digest. Throws CanonicalJsonError for what is not JSON.
 */
export function specDigest(spec: Readonly<Record<string, unknown>>): string {
  tree ??= toStructural(specSchema);
  const free: readonly string[] = [...mutableMembers, ...mutableWhileSuspended];
  const fixed = Object.fromEntries(Object.entries(spec).filter(([name]) => !free.includes(name)));
  const text = canonicalJson(withoutDefaults(tree, fixed));
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

function withoutDefaults(node: SchemaNode | undefined, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => withoutDefaults(node?.items, item));
  if (!isPlainObject(value)) return value;
  const members = Object.entries(value).flatMap(([name, member]) => {
    const child = node?.properties?.[name];
    const own = withoutDefaults(child, member);
    return isDefault(child, own) ? [] : [[name, own] as const];
  });
  return Object.fromEntries(members);
}

function isDefault(node: SchemaNode | undefined, value: unknown): boolean {
  if (value === undefined) return true;
  if (node?.default === undefined) return false;
  return canonicalJson(withoutDefaults(node, node.default)) === canonicalJson(value);
}

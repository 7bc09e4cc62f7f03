import { accepted } from '../../api/manifest/accepted.ts';
import type { SchemaNode } from '../../api/manifest/schema-tree.ts';

export type Row = readonly [field: string, accepted: string, absent: string, meaning: string];

/** A field of a schema and all below it, each with what it accepts, what it is when absent, and what it means. */
export function rowsOf(name: string, node: SchemaNode, parent: SchemaNode | undefined): Row[] {
  const required = parent?.required?.includes(name.split('.').at(-1) ?? '') === true && node.default === undefined;
  const own: Row = [`\`${name}\``, accepted(shown(node)), absent(node, required), node.description ?? ''];
  return hasMembers(node) ? [own, ...membersOf(suffixed(name, node), node.items ?? node)] : [own];
}

/** The rows of an object's members, `prefix` before each name. */
export function membersOf(prefix: string, node: SchemaNode): Row[] {
  return Object.entries(node.properties ?? {}).flatMap(([name, member]) => {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    return rowsOf(path, member, node);
  });
}

function suffixed(name: string, node: SchemaNode): string {
  return node.type === 'array' ? `${name}[]` : name;
}

/** Members stand in rows of their own. */
function shown(node: SchemaNode): SchemaNode {
  return hasMembers(node) && node.type === 'object' ? { type: 'object' } : node;
}

/** Whether a field is an object, or a list of objects, whose members stand in rows of their own. */
export function hasMembers(node: SchemaNode): boolean {
  return Object.keys(node.properties ?? node.items?.properties ?? {}).length > 0;
}

function absent(node: SchemaNode, required: boolean): string {
  if (required) return 'required';
  if (node.default === undefined || JSON.stringify(node.default) === '{}') return '';
  return `\`${JSON.stringify(node.default).replaceAll('"', '')}\``;
}

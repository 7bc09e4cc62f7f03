import type { SchemaNode } from './schema-tree.ts';

/** What a schema accepts, in words: "a whole number from 1 to 64", "one of All, Named". */
export function accepted(node: SchemaNode | null | undefined): string {
  if (!node) return 'another value';
  if (node.enum) return node.enum.length === 1 ? String(node.enum[0]) : `one of ${node.enum.join(', ')}`;
  if (node.format === 'date-time') return 'a moment such as 2026-01-31T12:00:00Z';
  const ruled = node.type === 'string' || node.type === undefined ? ruleMessage(node) : undefined;
  if (ruled !== undefined) return ruled;
  switch (node.type) {
    case 'string':
      return `a text${sizes(node.minLength, node.maxLength, 'characters')}`;
    case 'integer':
      return `a whole number from ${node.minimum} to ${node.maximum}`;
    case 'boolean':
      return 'true or false';
    case 'array':
      return `a list${sizes(node.minItems, node.maxItems, 'items')}`;
    case 'object':
      return node.properties ? `an object with the fields ${Object.keys(node.properties).join(', ')}` : 'an object';
    default:
      return 'a number or a text';
  }
}

/** What the rule on a plain value asks for: quantities, durations and decimals say it there. */
function ruleMessage(node: SchemaNode): string | undefined {
  const rules = node['x-kubernetes-validations'];
  const message: unknown = Array.isArray(rules) ? rules[0]?.message : undefined;
  return typeof message === 'string' ? message.replace(/^write /, '') : undefined;
}

function sizes(min: unknown, max: unknown, of: string): string {
  if (typeof max !== 'number') return '';
  return typeof min === 'number' && min > 0 ? ` of ${min} to ${max} ${of}` : ` of at most ${max} ${of}`;
}

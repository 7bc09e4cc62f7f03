import type { SchemaNode } from './schema-tree.ts';
import { valueBreaches } from './schema-values.ts';

/** Keywords that a structural schema may hold here; what Kubernetes forbids or ignores is not among them. */
const keywords = new Set([
  ...['type', 'format', 'title', 'description', 'default', 'enum', 'nullable', 'pattern', 'anyOf'],
  ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  ...['minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties'],
  ...['properties', 'required', 'additionalProperties', 'items'],
  ...['x-kubernetes-int-or-string', 'x-kubernetes-preserve-unknown-fields', 'x-kubernetes-validations'],
  ...['x-kubernetes-list-type', 'x-kubernetes-list-map-keys', 'x-kubernetes-map-type'],
]);

const scalars = ['string', 'integer', 'boolean'];

interface Options {
  /** Names of the fields that may preserve unknown fields. */
  readonly open?: readonly string[];
  /** Root fields that the API server looks after and that therefore need no bounds. */
  readonly served?: readonly string[];
}

/**
 * What a CRD's schema breaks of Kubernetes' structural rules (https://kubernetes.io/docs/tasks/extend-kubernetes/
 * custom-resources/custom-resource-definitions/#specifying-a-structural-schema) and of our own: bounds on every text,
 * list, map and number (without them the cost of a CEL rule cannot be estimated), a list type on every list, a
 * description on every field, no `number`. One line for each breach, beginning with its path; none when it is fine.
 */
export function structuralBreaches(root: SchemaNode, { open = [], served = [] }: Options = {}): string[] {
  const properties = Object.entries(root.properties ?? {}).filter(([name]) => !served.includes(name));
  return nodeBreaches({ ...root, properties: Object.fromEntries(properties) }, '$', open, served);
}

function nodeBreaches(
  node: SchemaNode,
  path: string,
  open: readonly string[],
  served: readonly string[] = [],
): string[] {
  const own = [
    ...Object.keys(node)
      .filter((keyword) => !keywords.has(keyword))
      .map((keyword) => `must not use ${keyword}`),
    ...typeBreaches(node),
    ...openBreaches(node, path, open),
    ...defaultBreaches(node),
    ...patternBreaches(node),
    ...validationBreaches(node, served),
  ].map((breach) => `${path}: ${breach}`);
  const children = Object.entries(node.properties ?? {}).flatMap(([name, child]) => [
    ...(child.description ? [] : [`${path}.${name}: needs a description`]),
    ...nodeBreaches(child, `${path}.${name}`, open),
  ]);
  return [
    ...own,
    ...children,
    ...(typeof node.additionalProperties === 'object'
      ? nodeBreaches(node.additionalProperties, `${path}.*`, open)
      : []),
    ...(node.items ? nodeBreaches(node.items, `${path}[]`, open) : []),
  ];
}

function typeBreaches(node: SchemaNode): string[] {
  if (node['x-kubernetes-int-or-string'] === true) return intOrStringBreaches(node);
  if (node.anyOf !== undefined) return ['must not use anyOf but for int-or-string'];
  switch (node.type) {
    case 'boolean':
      return [];
    case 'string':
      return node.enum || isCount(node.maxLength) ? [] : ['needs maxLength or enum'];
    case 'integer':
      return Number.isInteger(node.minimum) && Number.isInteger(node.maximum) ? [] : ['needs minimum and maximum'];
    case 'object':
      return objectBreaches(node);
    case 'array':
      return listBreaches(node);
    case undefined:
      return ['needs a type'];
    default:
      return [`must not have the type ${node.type}`];
  }
}

function intOrStringBreaches(node: SchemaNode): string[] {
  const fixed = '[{"type":"integer"},{"type":"string"}]';
  return [
    ...(node.type === undefined ? [] : ['int-or-string must have no type']),
    ...(JSON.stringify(node.anyOf) === fixed ? [] : [`int-or-string needs anyOf ${fixed}`]),
    ...(isCount(node.maxLength) ? [] : ['needs maxLength']),
  ];
}

function objectBreaches(node: SchemaNode): string[] {
  const { properties, additionalProperties, required = [] } = node;
  const undeclared = required.filter((name) => !Object.hasOwn(properties ?? {}, name));
  return [
    ...undeclared.map((name) => `requires ${name}, which it does not declare`),
    ...(properties && additionalProperties !== undefined
      ? ['must not have additionalProperties beside properties']
      : []),
    ...(typeof additionalProperties === 'boolean' ? ['additionalProperties must be a schema'] : []),
    ...(typeof additionalProperties === 'object' && !isCount(node.maxProperties) ? ['needs maxProperties'] : []),
    ...(properties || additionalProperties || node['x-kubernetes-preserve-unknown-fields'] === true
      ? []
      : ['declares no members']),
  ];
}

function listBreaches(node: SchemaNode): string[] {
  const { items } = node;
  const breaches = isCount(node.maxItems) ? [] : ['needs maxItems'];
  if (items === undefined || Array.isArray(items)) return [...breaches, 'needs one schema for its items'];
  const keys = node['x-kubernetes-list-map-keys'];
  switch (node['x-kubernetes-list-type']) {
    case 'atomic':
      return breaches;
    case 'set':
      return scalars.includes(items.type ?? '') ? breaches : [...breaches, 'a set needs items of a plain type'];
    case 'map':
      if (!Array.isArray(keys) || keys.length === 0)
        return [...breaches, 'a list of type map needs x-kubernetes-list-map-keys'];
      return [...breaches, ...keys.flatMap((key: unknown) => keyBreaches(items, String(key)))];
    default:
      return [...breaches, 'needs x-kubernetes-list-type atomic, set or map'];
  }
}

function keyBreaches(items: SchemaNode, key: string): string[] {
  const member = items.properties?.[key];
  if (member === undefined || !scalars.includes(member.type ?? ''))
    return [`the key ${key} must be a plain member of the items`];
  const given = items.required?.includes(key) || member.default !== undefined;
  return given ? [] : [`the key ${key} must be required or have a default`];
}

function openBreaches(node: SchemaNode, path: string, open: readonly string[]): string[] {
  if (node['x-kubernetes-preserve-unknown-fields'] === undefined) return [];
  return open.includes(path.slice(path.lastIndexOf('.') + 1)) ? [] : ['must not preserve unknown fields'];
}

function defaultBreaches(node: SchemaNode): string[] {
  if (node.default === undefined) return [];
  return valueBreaches(node, node.default).map((breach) => `default: ${breach}`);
}

/** Go's regular expressions (RE2) know neither look-around nor back-references. */
function patternBreaches({ pattern }: SchemaNode): string[] {
  if (pattern === undefined) return [];
  if (typeof pattern !== 'string') return ['pattern must be a text'];
  return /\(\?[=!<]|\\[1-9]/.test(pattern) ? ['pattern must not look around or refer back'] : [];
}

function validationBreaches(node: SchemaNode, served: readonly string[]): string[] {
  const validations = node['x-kubernetes-validations'] ?? [];
  if (!Array.isArray(validations)) return ['x-kubernetes-validations must be a list'];
  return validations.flatMap(({ rule, message }: Record<string, unknown>) => {
    if (typeof rule !== 'string' || typeof message !== 'string' || message === '' || message.includes('\n')) {
      return ['a validation needs a rule and a message of one line'];
    }
    const members = new Set([...rule.matchAll(/\bself\.([A-Za-z_]\w*)(?!\w*\()/g)].map(([, member = '']) => member));
    return [...members]
      .filter((member) => !served.includes(member))
      .flatMap((member) => {
        if (!Object.hasOwn(node.properties ?? {}, member))
          return [`a validation refers to ${member}, which is not declared`];
        const sure = node.required?.includes(member) || rule.includes(`has(self.${member})`);
        return sure ? [] : [`a validation reads ${member} without has(self.${member})`];
      });
  });
}

function isCount(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 0;
}

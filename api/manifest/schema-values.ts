import { isPlainObject } from '../plain-object.ts';
import type { SchemaNode } from './schema-tree.ts';

/**
 * What is wrong with a value under a structural schema, one line for each mistake, undeclared fields among them. Knows
 * the keywords that the project's schemas use; the rules in CEL are not evaluated.
 */
export function valueBreaches(schema: SchemaNode, value: unknown, path = ''): string[] {
  const wrong = (what: string) => [`${path || 'the value'} ${what}`];
  if (schema['x-kubernetes-int-or-string'] === true) {
    if (typeof value === 'string') return textBreaches(schema, value, wrong);
    return Number.isInteger(value) ? [] : wrong('is neither a whole number nor a text');
  }
  if (schema.enum && !schema.enum.includes(value)) return wrong(`is not one of ${schema.enum.join(', ')}`);
  switch (schema.type) {
    case 'string':
      return typeof value === 'string' ? textBreaches(schema, value, wrong) : wrong('is not a text');
    case 'boolean':
      return typeof value === 'boolean' ? [] : wrong('is not true or false');
    case 'integer':
      return Number.isInteger(value)
        ? sizeBreaches(schema, 'imum', Number(value), wrong)
        : wrong('is not a whole number');
    case 'array':
      if (!Array.isArray(value)) return wrong('is not a list');
      return [
        ...sizeBreaches(schema, 'Items', value.length, wrong),
        ...value.flatMap((item: unknown, index) => valueBreaches(schema.items ?? {}, item, `${path}[${index}]`)),
      ];
    case 'object':
      return isPlainObject(value) ? objectBreaches(schema, value, path) : wrong('is not an object');
    default:
      return wrong('has a schema without a known type');
  }
}

function objectBreaches(schema: SchemaNode, value: Readonly<Record<string, unknown>>, path: string): string[] {
  const wrong = (what: string) => [`${path || 'the value'} ${what}`];
  const missing = (schema.required ?? []).filter(
    (name) => !(name in value) && schema.properties?.[name]?.default === undefined,
  );
  const members = Object.entries(value).flatMap(([name, member]) => {
    const own = schema.properties?.[name];
    const open = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined;
    const child = own ?? open;
    if (child) return valueBreaches(child, member, `${path}.${name}`);
    return schema['x-kubernetes-preserve-unknown-fields'] === true ? [] : wrong(`has the undeclared field ${name}`);
  });
  return [
    ...missing.flatMap((name) => wrong(`lacks ${name}`)),
    ...sizeBreaches(schema, 'Properties', Object.keys(value).length, wrong),
    ...members,
  ];
}

function textBreaches(schema: SchemaNode, value: string, wrong: (what: string) => string[]): string[] {
  const { pattern } = schema;
  return [
    ...sizeBreaches(schema, 'Length', value.length, wrong),
    ...(typeof pattern === 'string' && !new RegExp(pattern).test(value) ? wrong(`does not match ${pattern}`) : []),
  ];
}

function sizeBreaches(schema: SchemaNode, what: string, size: number, wrong: (what: string) => string[]): string[] {
  const [min, max] = [schema[`min${what}`], schema[`max${what}`]];
  if (typeof min === 'number' && size < min) return wrong(`is below its min${what} ${min}`);
  return typeof max === 'number' && size > max ? wrong(`is above its max${what} ${max}`) : [];
}

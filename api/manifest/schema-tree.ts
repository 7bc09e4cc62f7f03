import { z } from 'zod';

/** A JSON schema as Kubernetes writes it in a CRD (OpenAPI 3.0); only what is looked at here has a type. */
export interface SchemaNode {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: SchemaNode | boolean;
  readonly items?: SchemaNode;
  readonly [keyword: string]: unknown;
}

/**
 * The structural form of a zod schema: what a CRD's `openAPIV3Schema` holds. Closed objects lose
 * `additionalProperties: false` (the API server prunes or refuses what is not declared), int-or-string takes the one
 * form that Kubernetes knows, an open object becomes one that preserves unknown fields.
 */
export function toStructural(schema: z.ZodType): SchemaNode {
  const { $schema: _, ...tree } = z.toJSONSchema(schema, { target: 'openapi-3.0', io: 'input', reused: 'inline' });
  // zod's type also covers forms of JSON schema (a list of types, a boolean schema) that this target never gives.
  return normalise(tree as SchemaNode);
}

function normalise(node: SchemaNode): SchemaNode {
  const { propertyNames: _, additionalProperties, properties, items, ...rest } = node;
  if (node['x-kubernetes-int-or-string'] === true) {
    return { ...rest, anyOf: [{ type: 'integer' }, { type: 'string' }] };
  }
  if (node['x-kubernetes-preserve-unknown-fields'] === true) return rest;
  return {
    ...rest,
    ...(properties && { properties: mapValues(properties, normalise) }),
    ...(typeof additionalProperties === 'object' && { additionalProperties: normalise(additionalProperties) }),
    ...(items && { items: normalise(items) }),
  };
}

/**
 * The schema of the value at a path, undefined where the schema knows none, and null where anything may stand (below a
 * node that preserves unknown fields). A number goes into a list, a name into an object or map.
 */
export function schemaAt(root: SchemaNode, path: readonly PropertyKey[]): SchemaNode | null | undefined {
  let node: SchemaNode | undefined = root;
  for (const step of path) {
    if (node?.['x-kubernetes-preserve-unknown-fields'] === true) return null;
    node = typeof step === 'number' ? node?.items : childOf(node, String(step));
  }
  return node;
}

/** The names that an object's schema declares. */
export function knownNames(node: SchemaNode | null | undefined): string[] {
  return Object.keys(node?.properties ?? {});
}

function childOf(node: SchemaNode | undefined, name: string): SchemaNode | undefined {
  const declared = node?.properties;
  if (declared && Object.hasOwn(declared, name)) return declared[name];
  return typeof node?.additionalProperties === 'object' ? node.additionalProperties : undefined;
}

function mapValues<A, B>(object: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value)]));
}

import { statusTree } from '../status/bound.ts';
import { immutableAfterStart } from './immutable.ts';
import { manifestSchema } from './manifest.ts';
import type { CelRule } from './rules.ts';
import { type SchemaNode, toStructural } from './schema-tree.ts';

/** Names of pods and of other objects are made from the experiment's. */
const nameInACluster: CelRule = {
  rule: "self.metadata.name.size() <= 63 && self.metadata.name.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",
  message:
    'in a cluster metadata.name has at most 63 characters: lower-case letters, digits and "-", beginning and ending with a letter or digit',
  fieldPath: '.metadata.name',
};

/**
 * The `openAPIV3Schema` of the CRD: the manifest's structural schema with the status, with the members that the API
 * server looks after itself left to it.
 */
export function crdSchema(): SchemaNode {
  const { properties: { spec = {}, ...properties } = {}, ...schema } = toStructural(manifestSchema);
  return {
    ...schema,
    required: ['spec'],
    properties: {
      ...properties,
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'object', properties: { name: { type: 'string' } } },
      spec: withDefaultsTold(spec),
      status: statusTree(),
    },
    'x-kubernetes-validations': [nameInACluster, immutableAfterStart(spec)],
  };
}

/** kubectl explain does not show defaults: those that are plain values are told in the description. */
function withDefaultsTold(node: SchemaNode): SchemaNode {
  const { description, default: fallback, properties, items } = node;
  const told = description !== undefined && fallback !== undefined && typeof fallback !== 'object';
  return {
    ...node,
    ...(told && { description: `${description} Default: ${String(fallback)}.` }),
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, withDefaultsTold(one)])),
    }),
    ...(items && { items: withDefaultsTold(items) }),
  };
}

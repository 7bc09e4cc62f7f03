import { manifestSchema } from './manifest.ts';
import { type SchemaNode, toStructural } from './schema-tree.ts';

/**
 * The `openAPIV3Schema` of the CRD: the manifest's structural schema, with the members that the API server looks after
 * itself left to it.
 */
export function crdSchema(): SchemaNode {
  const schema = toStructural(manifestSchema);
  return {
    ...schema,
    required: ['spec'],
    properties: {
      ...schema.properties,
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'object' },
    },
  };
}

import { type Dataflow, reads } from './dataflow.ts';
import type { OnnxModel, OnnxNode } from './model.ts';
import { multiplyAdds } from './operators.ts';

/** What the nodes of a head do and hold; null where an operator's multiply-adds are unknown or there are none. */
export interface HeadCost {
  readonly headMacsShare: number | null;
  readonly headParameterShare: number | null;
  readonly headParameterBytes: number;
}

interface Parameter {
  readonly elements: number;
  readonly bytes: number;
  /** Indices into `Dataflow.nodes`. */
  readonly users: number[];
}

/** int64, bool, string: shapes, axes and words, which nobody counts among a model's parameters. */
const notParameters = new Set([7, 8, 9]);

/** Multiply-adds per node of `flow.nodes`, in order; undefined where unknown. Shapes are looked up by tensor name. */
export function nodeMacs(
  model: OnnxModel,
  flow: Dataflow,
  shapeOf: (name: string) => readonly number[] | undefined,
): (number | undefined)[] {
  const shape = (name: string) => (name === '' ? undefined : shapeOf(name));
  return flow.nodes.map((node) =>
    multiplyAdds(node, { inputs: node.inputs.map(shape), outputs: node.outputs.map(shape) }, model.functions),
  );
}

/** Prepares the costs of heads, given as 1 per index of `flow.nodes`. */
export function headCosts(
  model: OnnxModel,
  flow: Dataflow,
  macs: readonly (number | undefined)[],
): (head: Uint8Array) => HeadCost {
  const known = macs.every((count) => count !== undefined);
  const totalMacs = macs.reduce<number>((sum, count) => sum + (count ?? 0), 0);
  const parameters = findParameters(model, flow);
  const totalParameters = parameters.reduce((sum, { elements }) => sum + elements, 0);
  return (head) => {
    const headMacs = macs.reduce<number>((sum, count, node) => sum + (head[node] === 1 ? (count ?? 0) : 0), 0);
    const held = parameters.filter(({ users }) => users.some((node) => head[node] === 1));
    const heldElements = held.reduce((sum, { elements }) => sum + elements, 0);
    return {
      headMacsShare: known && totalMacs > 0 ? headMacs / totalMacs : null,
      headParameterShare: totalParameters > 0 ? heldElements / totalParameters : null,
      headParameterBytes: held.reduce((sum, { bytes }) => sum + bytes, 0),
    };
  };
}

/** Weights and constants with the nodes that need them, through other constants too. */
function findParameters(model: OnnxModel, flow: Dataflow): Parameter[] {
  const parameters = new Map<string, Parameter>();
  for (const [index, node] of flow.nodes.entries()) {
    const seen = new Set<string>();
    const pending = reads(node);
    for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
      if (seen.has(name) || flow.byName.has(name)) continue;
      seen.add(name);
      const producer = flow.producers.get(name);
      if (producer !== undefined) pending.push(...reads(producer));
      const value = model.graph.initializers.get(name) ?? constantOf(producer);
      if (value === undefined || notParameters.has(value.code)) continue;
      const known = parameters.get(name);
      if (known === undefined) parameters.set(name, { elements: value.elements, bytes: value.bytes, users: [index] });
      else known.users.push(index);
    }
  }
  return [...parameters.values()];
}

function constantOf(node: OnnxNode | undefined) {
  return node?.operator === 'Constant' ? node.attributes.get('value')?.tensor : undefined;
}

import { analyse, type Dataflow } from '../dataflow.ts';
import type { OnnxNode, Value } from '../model.ts';

/** A node for tests of pure functions: everything that is not given is empty. */
export function plainNode(part: Partial<OnnxNode>): OnnxNode {
  return {
    operator: 'Relu',
    domain: '',
    name: '',
    inputs: [],
    outputs: [],
    captures: [],
    attributes: new Map(),
    metadata: new Map(),
    message: new Uint8Array(),
    ...part,
  };
}

export function plainValue(name: string, shape: Value['shape'] = [2]): Value {
  return { name, code: 1, shape, metadata: new Map(), message: new Uint8Array() };
}

/** The dataflow of a graph given as lists: a node's name, which is its output's too, and what it reads. */
export function flowOf(
  nodes: readonly (readonly [string, ...string[]])[],
  inputs: readonly string[],
  outputs: readonly string[],
): Dataflow {
  return flowOfNodes(
    nodes.map(([name, ...reads]) => plainNode({ name, inputs: reads, outputs: [name] })),
    inputs,
    outputs,
  );
}

/** The dataflow of a graph of whole nodes. */
export function flowOfNodes(
  nodes: readonly OnnxNode[],
  inputs: readonly string[],
  outputs: readonly string[],
): Dataflow {
  return analyse({
    nodes,
    initializers: new Map(),
    inputs: inputs.map((name) => plainValue(name)),
    outputs: outputs.map((name) => plainValue(name)),
  });
}

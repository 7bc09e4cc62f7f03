import { OnnxError } from './errors.ts';
import type { OnnxGraph, OnnxNode } from './model.ts';

/** A tensor that depends on the graph's inputs, hence one that can cross a cut. */
export interface FlowTensor {
  readonly name: string;
  /** Index into `nodes` of its producer, or -1 for an input of the graph. */
  readonly producer: number;
  /** Indices into `nodes`. */
  readonly consumers: readonly number[];
  readonly isOutput: boolean;
}

/**
 * What of a graph an inference computes: nodes that some output needs and that depend on an input. Nodes and tensors are
 * in execution order and known by their index.
 */
export interface Dataflow {
  readonly nodes: readonly OnnxNode[];
  readonly tensors: readonly FlowTensor[];
  /** Per node, the tensors that it (or a graph in its attributes) reads. */
  readonly nodeInputs: readonly (readonly number[])[];
  /** Per node, the tensors that it produces and something needs. */
  readonly nodeOutputs: readonly (readonly number[])[];
  /** Tensors that are inputs of the graph. */
  readonly inputs: readonly number[];
  /** Index into `tensors` by name. */
  readonly byName: ReadonlyMap<string, number>;
  /** Every node that some output needs, constants' included, in execution order. */
  readonly live: readonly OnnxNode[];
  /** The node that produces a tensor, constant tensors included. */
  readonly producers: ReadonlyMap<string, OnnxNode>;
}

/** What of a graph says how data flows; of weights the names. */
export interface GraphStructure extends Pick<OnnxGraph, 'nodes' | 'inputs' | 'outputs'> {
  readonly initializers: ReadonlyMap<string, unknown>;
}

/** All tensors that a node reads; an input left out is no tensor. */
export function reads(node: OnnxNode): string[] {
  return [...node.inputs.filter((name) => name !== ''), ...node.captures];
}

/**
 * Orders a graph's nodes and leaves out those that nothing needs and those that depend on constants alone.
 * Throws `Malformed` for a cycle, a tensor with two producers or one without any.
 */
export function analyse(graph: GraphStructure): Dataflow {
  const producers = findProducers(graph);
  const live = sortLive(graph, producers);
  const varying = new Set(graph.inputs.map((input) => input.name));
  const nodes = live.filter((node) => {
    if (!reads(node).some((name) => varying.has(name))) return false;
    for (const name of node.outputs) varying.add(name);
    return true;
  });

  const consumers = new Map<string, number[]>();
  for (const [index, node] of nodes.entries()) {
    for (const name of new Set(reads(node))) {
      if (!varying.has(name)) continue;
      const known = consumers.get(name);
      if (known === undefined) consumers.set(name, [index]);
      else known.push(index);
    }
  }
  const outputs = new Set(graph.outputs.map((output) => output.name));
  const tensors: FlowTensor[] = [];
  const byName = new Map<string, number>();
  const add = (name: string, producer: number): number[] => {
    const isOutput = outputs.has(name);
    const users = consumers.get(name) ?? [];
    if (!isOutput && users.length === 0) return [];
    byName.set(name, tensors.length);
    return [tensors.push({ name, producer, consumers: users, isOutput }) - 1];
  };
  const inputs = graph.inputs.flatMap((input) => add(input.name, -1));
  const nodeOutputs = nodes.map((node, index) => node.outputs.flatMap((name) => (name === '' ? [] : add(name, index))));
  const nodeInputs = nodes.map((node) => [...new Set(reads(node))].flatMap((name) => byName.get(name) ?? []));
  return { nodes, tensors, nodeInputs, nodeOutputs, inputs, byName, live, producers };
}

function findProducers(graph: GraphStructure): Map<string, OnnxNode> {
  const producers = new Map<string, OnnxNode>();
  const given = new Set([...graph.inputs.map((input) => input.name), ...graph.initializers.keys()]);
  for (const node of graph.nodes) {
    for (const name of node.outputs) {
      if (name === '') continue;
      if (producers.has(name) || given.has(name)) {
        throw new OnnxError('Malformed', `Not a valid model: the tensor "${name}" is produced twice.`);
      }
      producers.set(name, node);
    }
  }
  for (const node of graph.nodes) {
    for (const name of reads(node)) {
      if (!producers.has(name) && !given.has(name)) {
        throw new OnnxError(
          'Malformed',
          `Not a valid model: nothing produces the tensor "${name}" that ${describeNode(node)} reads.`,
        );
      }
    }
  }
  for (const { name } of graph.outputs) {
    if (!producers.has(name) && !given.has(name)) {
      throw new OnnxError('Malformed', `Not a valid model: nothing produces its output "${name}".`);
    }
  }
  return producers;
}

/** A node as an error message names it. */
export function describeNode(node: OnnxNode): string {
  const operator = node.domain === '' ? node.operator : `${node.domain}:${node.operator}`;
  return `${operator} "${node.name || (node.outputs.find((name) => name !== '') ?? '')}"`;
}

/** Nodes that an output needs, producers first, otherwise as they stand in the file. */
function sortLive(graph: GraphStructure, producers: ReadonlyMap<string, OnnxNode>): OnnxNode[] {
  const needed = new Set<OnnxNode>();
  const pending = graph.outputs.flatMap((output) => producers.get(output.name) ?? []);
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (needed.has(node)) continue;
    needed.add(node);
    for (const name of reads(node)) {
      const producer = producers.get(name);
      if (producer !== undefined && !needed.has(producer)) pending.push(producer);
    }
  }

  const sorted: OnnxNode[] = [];
  const state = new Map<OnnxNode, 'open' | 'done'>();
  for (const root of graph.nodes) {
    if (!needed.has(root)) continue;
    const stack = [root];
    for (let node = stack.at(-1); node !== undefined; node = stack.at(-1)) {
      if (state.get(node) === 'done') {
        stack.pop();
        continue;
      }
      const missing = reads(node)
        .map((name) => producers.get(name))
        .filter((producer) => producer !== undefined && state.get(producer) !== 'done');
      if (missing.length === 0) {
        state.set(node, 'done');
        sorted.push(node);
        stack.pop();
        continue;
      }
      state.set(node, 'open');
      for (const producer of missing) {
        if (producer === undefined) continue;
        if (state.get(producer) === 'open') {
          throw new OnnxError('Malformed', `Not a valid model: ${describeNode(producer)} depends on itself.`);
        }
        stack.push(producer);
      }
    }
  }
  return sorted;
}

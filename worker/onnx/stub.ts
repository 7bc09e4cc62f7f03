import { reads } from './dataflow.ts';
import { externalMembers, tensorHeader, valueMessage } from './encode.ts';
import type { Initializer, OnnxModel, OnnxNode } from './model.ts';
import { MessageWriter } from './writer.ts';

/**
 * A model of a few kilobytes whose weights point into the original file. Load it with
 * `InferenceSession.create(bytes, {extra: {session: {model_external_initializers_file_folder_path: folder}}})`.
 */
export interface Stub {
  readonly bytes: Uint8Array;
  readonly folder: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** What is to be known of a tensor that a stub begins or ends with. */
export interface StubValue {
  readonly name: string;
  /** `TensorProto.DataType`; undefined leaves the type to ONNX Runtime, which only outputs allow. */
  readonly code: number | undefined;
  /** Null where a size depends on the data, undefined where the rank does. */
  readonly shape: readonly (number | null)[] | undefined;
}

export interface StubOptions {
  /** Tensors that may be given; the stub has those that it needs. */
  readonly inputs: readonly StubValue[];
  /** Tensors that are wanted. */
  readonly outputs: readonly StubValue[];
  /** Weights that become inputs instead of being read: enough to infer shapes, and no file is touched. */
  readonly asInput?: (weight: Initializer) => boolean;
}

/** The nodes of a model in execution order and where each tensor comes from. */
export interface StubGraph {
  readonly live: readonly OnnxNode[];
  readonly producers: ReadonlyMap<string, OnnxNode>;
}

/**
 * Writes the part of a model that computes `outputs` from `inputs`: nodes as they stand in the file, the weights they
 * use as references. Opsets, IR version, functions and metadata are the original's.
 */
export function writeStub(model: OnnxModel, graph: StubGraph, options: StubOptions): Stub {
  const { outputs, asInput } = options;
  const { nodes, weights, inputs } = collect(model, graph, options);
  const given = asInput === undefined ? [] : weights.filter(asInput);
  const kept = asInput === undefined ? weights : weights.filter((weight) => !asInput(weight));
  const body = new MessageWriter();
  for (const node of nodes) body.bytes(1, node.message);
  body.string(2, model.graph.name);
  for (const weight of kept) writeWeight(body, weight);
  for (const { name, code, shape } of inputs) body.message(11, valueMessage(name, code ?? 0, shape));
  for (const { name, code, shape } of given) body.message(11, valueMessage(name, code, shape));
  for (const output of outputs) body.message(12, outputMessage(output));
  for (const value of statedValues(model, nodes, outputs)) body.bytes(13, value);
  for (const field of model.graph.verbatim) body.verbatim(field);

  const out = new MessageWriter();
  for (const field of model.verbatim) out.verbatim(field);
  return {
    bytes: out.message(7, body).finish(),
    folder: model.folder,
    inputs: [...inputs, ...given].map(({ name }) => name),
    outputs: outputs.map(({ name }) => name),
  };
}

function collect(
  model: OnnxModel,
  { live, producers }: StubGraph,
  { inputs, outputs }: StubOptions,
): { nodes: OnnxNode[]; weights: Initializer[]; inputs: StubValue[] } {
  const given = new Set(inputs.map(({ name }) => name));
  const needed = new Set<OnnxNode>();
  const used = new Set<string>();
  const weights = new Map<string, Initializer>();
  const pending = outputs.map(({ name }) => name);
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (given.has(name)) {
      used.add(name);
      continue;
    }
    const weight = model.graph.initializers.get(name);
    if (weight !== undefined) weights.set(name, weight);
    const producer = producers.get(name);
    if (producer === undefined || needed.has(producer)) continue;
    needed.add(producer);
    pending.push(...reads(producer));
  }
  return {
    nodes: live.filter((node) => needed.has(node)),
    weights: [...weights.values()],
    inputs: inputs.filter(({ name }) => used.has(name)),
  };
}

function writeWeight(body: MessageWriter, { name, code, shape, storage }: Initializer): void {
  if (storage.kind === 'File') body.message(5, externalMembers(tensorHeader(name, code, shape), storage.range));
  else body.bytes(storage.kind === 'Sparse' ? 15 : 5, storage.message);
}

function outputMessage({ name, code, shape }: StubValue): MessageWriter {
  return code === undefined ? new MessageWriter().string(1, name) : valueMessage(name, code, shape);
}

/** Types that the file states for what operators of other domains produce: ONNX Runtime may not infer them itself. */
function statedValues(model: OnnxModel, nodes: readonly OnnxNode[], outputs: readonly StubValue[]): Uint8Array[] {
  const declared = new Set(outputs.map(({ name }) => name));
  return nodes
    .filter(({ domain }) => domain !== '')
    .flatMap((node) => node.outputs)
    .flatMap((name) => (declared.has(name) ? [] : (model.graph.values.get(name)?.message ?? [])));
}

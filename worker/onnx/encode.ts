import type { ElementType } from '../tensor.ts';
import { elementCode } from './types.ts';
import { MessageWriter } from './writer.ts';

/** A dense tensor whose elements stand in the model (little-endian) or at a place in a file of the model's folder. */
export interface TensorDescription {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly data: Uint8Array | ExternalData;
}

/** A range of a file; `location` is relative to the model's folder. */
export interface ExternalData {
  readonly location: string;
  readonly offset: number;
  readonly length: number;
}

/** One value of an attribute, the member saying its type. */
export type AttributeDescription =
  | { readonly int: number | bigint }
  | { readonly ints: readonly (number | bigint)[] }
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  | { readonly string: string }
  | { readonly strings: readonly string[] }
  | { readonly tensor: TensorDescription }
  | { readonly graph: GraphDescription };

export interface NodeDescription {
  readonly operator: string;
  readonly domain?: string;
  readonly name?: string;
  /** An empty name leaves an optional input or output out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, AttributeDescription>>;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Name and type of a graph's input, output or inner tensor; a dimension is a size, a symbol or (null) unknown. */
export interface ValueDescription {
  readonly name: string;
  readonly type: ElementType;
  /** Absent: the number of dimensions is unknown. */
  readonly shape?: readonly (number | string | null)[];
}

export interface GraphDescription {
  readonly name: string;
  readonly nodes: readonly NodeDescription[];
  readonly inputs: readonly ValueDescription[];
  readonly outputs: readonly ValueDescription[];
  readonly initializers?: readonly TensorDescription[];
  readonly values?: readonly ValueDescription[];
}

export interface FunctionDescription {
  readonly domain: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly nodes: readonly NodeDescription[];
  readonly opsets: Readonly<Record<string, number>>;
}

export interface ModelDescription {
  readonly irVersion: number;
  /** Version per domain; the standard operators' domain is the empty string. */
  readonly opsets: Readonly<Record<string, number>>;
  readonly graph: GraphDescription;
  readonly producer?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly functions?: readonly FunctionDescription[];
}

/** Encodes a model as onnx.proto's ModelProto (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto). */
export function encodeModel(model: ModelDescription): Uint8Array {
  const out = new MessageWriter().varint(1, model.irVersion);
  if (model.producer !== undefined) out.string(2, model.producer);
  out.message(7, graphMessage(model.graph));
  for (const opset of opsetMessages(model.opsets)) out.message(8, opset);
  for (const entry of entryMessages(model.metadata)) out.message(14, entry);
  for (const definition of model.functions ?? []) out.message(25, functionMessage(definition));
  return out.finish();
}

/** Encodes a node as a NodeProto. */
export function nodeMessage(node: NodeDescription): MessageWriter {
  const out = new MessageWriter();
  for (const input of node.inputs) out.string(1, input);
  for (const output of node.outputs) out.string(2, output);
  if (node.name !== undefined) out.string(3, node.name);
  out.string(4, node.operator);
  for (const [name, value] of Object.entries(node.attributes ?? {})) out.message(5, attributeMessage(name, value));
  if (node.domain !== undefined) out.string(7, node.domain);
  for (const entry of entryMessages(node.metadata)) out.message(9, entry);
  return out;
}

/** Encodes a tensor as a TensorProto. */
export function tensorMessage(tensor: TensorDescription): MessageWriter {
  const { data } = tensor;
  const out = tensorHeader(tensor.name, elementCode(tensor.type), tensor.shape);
  return data instanceof Uint8Array ? out.bytes(9, data) : externalMembers(out, data);
}

/** A TensorProto without its elements, for callers that stream them or point to them; `code` is a TensorProto.DataType. */
export function tensorHeader(name: string, code: number, shape: readonly number[]): MessageWriter {
  const out = new MessageWriter();
  for (const size of shape) out.varint(1, size);
  return out.varint(2, code).string(8, name);
}

/** Adds to a TensorProto where its elements are. */
export function externalMembers(out: MessageWriter, data: ExternalData): MessageWriter {
  const members = { location: data.location, offset: String(data.offset), length: String(data.length) };
  for (const entry of entryMessages(members)) out.message(13, entry);
  return out.varint(14, 1);
}

/** Encodes the name, type and shape of a tensor as a ValueInfoProto; `code` is a TensorProto.DataType. */
export function valueMessage(
  name: string,
  code: number,
  shape: readonly (number | string | null)[] | undefined,
): MessageWriter {
  const tensorType = new MessageWriter().varint(1, code);
  if (shape !== undefined) tensorType.message(2, shapeMessage(shape));
  return new MessageWriter().string(1, name).message(2, new MessageWriter().message(1, tensorType));
}

function shapeMessage(shape: readonly (number | string | null)[]): MessageWriter {
  const out = new MessageWriter();
  for (const size of shape) {
    const dimension = new MessageWriter();
    if (typeof size === 'number') dimension.varint(1, size);
    else if (size !== null) dimension.string(2, size);
    out.message(1, dimension);
  }
  return out;
}

/** Encodes a graph as a GraphProto. */
function graphMessage(graph: GraphDescription): MessageWriter {
  const out = new MessageWriter();
  const value = ({ name, type, shape }: ValueDescription) => valueMessage(name, elementCode(type), shape);
  for (const node of graph.nodes) out.message(1, nodeMessage(node));
  out.string(2, graph.name);
  for (const tensor of graph.initializers ?? []) out.message(5, tensorMessage(tensor));
  for (const input of graph.inputs) out.message(11, value(input));
  for (const output of graph.outputs) out.message(12, value(output));
  for (const inner of graph.values ?? []) out.message(13, value(inner));
  return out;
}

function attributeMessage(name: string, value: AttributeDescription): MessageWriter {
  const out = new MessageWriter().string(1, name);
  if ('int' in value) return out.varint(3, value.int).varint(20, 2);
  if ('float' in value) return out.float(2, value.float).varint(20, 1);
  if ('string' in value) return out.string(4, value.string).varint(20, 3);
  if ('tensor' in value) return out.message(5, tensorMessage(value.tensor)).varint(20, 4);
  if ('graph' in value) return out.message(6, graphMessage(value.graph)).varint(20, 5);
  if ('floats' in value) for (const element of value.floats) out.float(7, element);
  if ('ints' in value) for (const element of value.ints) out.varint(8, element);
  if ('strings' in value) for (const element of value.strings) out.string(9, element);
  return out.varint(20, 'floats' in value ? 6 : 'ints' in value ? 7 : 8);
}

function functionMessage(definition: FunctionDescription): MessageWriter {
  const out = new MessageWriter().string(1, definition.name);
  for (const input of definition.inputs) out.string(4, input);
  for (const output of definition.outputs) out.string(5, output);
  for (const node of definition.nodes) out.message(7, nodeMessage(node));
  for (const opset of opsetMessages(definition.opsets)) out.message(9, opset);
  return out.string(10, definition.domain);
}

function opsetMessages(opsets: Readonly<Record<string, number>>): MessageWriter[] {
  return Object.entries(opsets).map(([domain, version]) => new MessageWriter().string(1, domain).varint(2, version));
}

/** Encodes names with their texts as StringStringEntryProtos. */
export function entryMessages(entries: Readonly<Record<string, string>> | undefined): MessageWriter[] {
  return Object.entries(entries ?? {}).map(([key, value]) => new MessageWriter().string(1, key).string(2, value));
}

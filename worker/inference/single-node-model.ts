/**
 * Encodes a whole ONNX model of one node as bytes: enough to ask whether an execution provider can be created, and
 * to test sessions. Field numbers from onnx.proto3 (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto).
 */
export interface SingleNodeModel {
  readonly operator: string;
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  /** Further inputs of the node, after `inputs`, whose elements lie in a file. */
  readonly weights?: readonly ExternalWeight[];
  /** Attributes that are whole numbers, as `to` of Cast. */
  readonly integers?: Readonly<Record<string, number>>;
}

/** A named input or output; `elementType` is TensorProto.DataType (1 float, 7 int64, ...). */
export interface ValueInfo {
  readonly name: string;
  readonly elementType: number;
  readonly shape: readonly (number | string)[];
}

/** Elements that lie at `offset` of a file in the folder of the model's external data. */
export interface ExternalWeight {
  readonly name: string;
  readonly elementType: number;
  readonly shape: readonly number[];
  readonly location: string;
  readonly offset: number;
  readonly length: number;
}

const text = new TextEncoder();

/** A complete ModelProto (IR version 8, opset 13). */
export function encodeSingleNodeModel(model: SingleNodeModel): Uint8Array {
  const { operator, inputs, outputs, weights = [], integers = {} } = model;
  const attributes = Object.entries(integers).map(([name, value]) =>
    bytes(5, [...string(1, name), ...integer(3, value), ...integer(20, 2)]),
  );
  const node = [
    ...[...inputs, ...weights].flatMap(({ name }) => string(1, name)),
    ...outputs.flatMap(({ name }) => string(2, name)),
    ...string(4, operator),
    ...attributes.flat(),
  ];
  const graph = [
    ...bytes(1, node),
    ...string(2, 'graph'),
    ...weights.flatMap((weight) => bytes(5, externalTensor(weight))),
    ...inputs.flatMap((value) => bytes(11, valueInfo(value))),
    ...outputs.flatMap((value) => bytes(12, valueInfo(value))),
  ];
  return Uint8Array.from([...integer(1, 8), ...bytes(7, graph), ...bytes(8, integer(2, 13))]);
}

function valueInfo({ name, elementType, shape }: ValueInfo): number[] {
  const dimensions = shape.flatMap((size) => bytes(1, typeof size === 'number' ? integer(1, size) : string(2, size)));
  return [...string(1, name), ...bytes(2, bytes(1, [...integer(1, elementType), ...bytes(2, dimensions)]))];
}

function externalTensor({ name, elementType, shape, location, offset, length }: ExternalWeight): number[] {
  const entry = (key: string, value: string | number) => bytes(13, [...string(1, key), ...string(2, String(value))]);
  return [
    ...shape.flatMap((size) => integer(1, size)),
    ...integer(2, elementType),
    ...string(8, name),
    ...entry('location', location),
    ...entry('offset', offset),
    ...entry('length', length),
    ...integer(14, 1),
  ];
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
}

function integer(field: number, value: number): number[] {
  return [...varint(field * 8), ...varint(value)];
}

function bytes(field: number, content: readonly number[]): number[] {
  return [...varint(field * 8 + 2), ...varint(content.length), ...content];
}

function string(field: number, value: string): number[] {
  return bytes(field, [...text.encode(value)]);
}

import { externalMembers, nodeMessage, tensorHeader, valueMessage } from '../onnx/encode.ts';
import { MessageWriter } from '../onnx/writer.ts';

/** A model of one node: enough to ask whether an execution provider can be created, and to test sessions. */
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

/** A complete ModelProto (IR version 8, opset 13). */
export function encodeSingleNodeModel(model: SingleNodeModel): Uint8Array {
  const { operator, inputs, outputs, weights = [], integers = {} } = model;
  const graph = new MessageWriter().message(
    1,
    nodeMessage({
      operator,
      inputs: [...inputs, ...weights].map(({ name }) => name),
      outputs: outputs.map(({ name }) => name),
      attributes: Object.fromEntries(Object.entries(integers).map(([name, int]) => [name, { int }])),
    }),
  );
  graph.string(2, 'graph');
  for (const { name, elementType, shape, ...place } of weights) {
    graph.message(5, externalMembers(tensorHeader(name, elementType, shape), place));
  }
  for (const { name, elementType, shape } of inputs) graph.message(11, valueMessage(name, elementType, shape));
  for (const { name, elementType, shape } of outputs) graph.message(12, valueMessage(name, elementType, shape));
  const opset = new MessageWriter().varint(2, 13);
  return new MessageWriter().varint(1, 8).message(7, graph).message(8, opset).finish();
}

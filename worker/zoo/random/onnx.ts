import { generatorName } from './generator.ts';
import { type Attribute, type GraphNode, inputName, outputName, type Weights, type ZooGraph } from './graph.ts';
import { concat, fieldStart, messageField, numberField, stringField } from './protobuf.ts';

/** A part of an .onnx file: bytes, or as many float32 weights as the generator has to draw there. */
export type Part = Uint8Array | { readonly count: number; readonly bound: number };

/** What a node's or the input's metadata calls the layer it belongs to. */
export const layerKey = 'splitlab.layer';

const classes = 1000;
const float32 = 1;
const irVersion = 10; // the first with metadata on nodes
const opset = 17;

/** The .onnx file of a graph as parts in order (field numbers: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto). */
export function onnxParts(graph: ZooGraph): Part[] {
  const { nodes, weights } = graph;
  const first = concat([...nodes.map(encodeNode), stringField(2, graph.name)]);
  const last = concat([
    messageField(11, [...encodeValue(inputName, ['batch', ...graph.inputShape]), metadata(4, graph.inputLayer)]),
    messageField(12, encodeValue(outputName, ['batch', classes])),
  ]);
  const inner: Part[] = [first, ...weights.flatMap(encodeWeights), last];
  return [
    concat([numberField(1, irVersion), stringField(2, 'splitlab'), fieldStart(7, totalBytes(inner))]),
    ...inner,
    concat([
      messageField(8, [stringField(1, ''), numberField(2, opset)]),
      entry(14, 'splitlab.weights', `random: ${generatorName}, seed ${graph.seed}`),
    ]),
  ];
}

/** Bytes of all parts together. */
export function totalBytes(parts: readonly Part[]): number {
  return parts.reduce((sum, part) => sum + (part instanceof Uint8Array ? part.length : part.count * 4), 0);
}

function encodeNode(node: GraphNode): Uint8Array {
  return messageField(1, [
    ...node.inputs.map((input) => stringField(1, input)),
    stringField(2, node.output),
    stringField(3, node.output),
    stringField(4, node.operator),
    ...Object.entries(node.attributes).map(([name, value]) => messageField(5, encodeAttribute(name, value))),
    metadata(9, node.layer),
  ]);
}

function encodeAttribute(name: string, value: Attribute): Uint8Array[] {
  if ('int' in value) return [stringField(1, name), numberField(3, value.int), numberField(20, 2)];
  return [stringField(1, name), ...value.ints.map((int) => numberField(8, int)), numberField(20, 7)];
}

function encodeWeights(weights: Weights): Part[] {
  if ('constant' in weights) {
    const data = new Uint8Array(Float32Array.of(weights.constant).buffer);
    return [messageField(5, [numberField(2, float32), stringField(8, weights.name), messageField(9, [data])])];
  }
  const count = weights.shape.reduce((product, size) => product * size, 1);
  const header = concat([
    ...weights.shape.map((size) => numberField(1, size)),
    numberField(2, float32),
    stringField(8, weights.name),
    fieldStart(9, count * 4),
  ]);
  return [concat([fieldStart(5, header.length + count * 4), header]), { count, bound: weights.bound }];
}

function encodeValue(name: string, shape: readonly (number | string)[]): Uint8Array[] {
  const dimensions = shape.map((size) =>
    messageField(1, [typeof size === 'number' ? numberField(1, size) : stringField(2, size)]),
  );
  const tensorType = messageField(1, [numberField(1, float32), messageField(2, dimensions)]);
  return [stringField(1, name), messageField(2, [tensorType])];
}

function metadata(field: number, layer: string): Uint8Array {
  return entry(field, layerKey, layer);
}

function entry(field: number, key: string, value: string): Uint8Array {
  return messageField(field, [stringField(1, key), stringField(2, value)]);
}

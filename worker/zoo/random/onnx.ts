import { entryMessages, nodeMessage, tensorHeader, valueMessage } from '../../onnx/encode.ts';
import { layerKey } from '../../onnx/layer-names.ts';
import { elementCode } from '../../onnx/types.ts';
import { MessageWriter } from '../../onnx/writer.ts';
import { elementCount } from '../../tensor.ts';
import { generatorName } from './generator.ts';
import { type GraphNode, inputName, outputName, type Weights, type ZooGraph } from './graph.ts';

/** A part of an .onnx file: bytes, or as many float32 weights as the generator has to draw there. */
export type Part = Uint8Array | { readonly count: number; readonly bound: number };

const classes = 1000;
const float32 = elementCode('float32');
const irVersion = 10; // the first with metadata on nodes
const opset = 17;

/** The .onnx file of a graph as parts in order (field numbers: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto). */
export function onnxParts(graph: ZooGraph): Part[] {
  const { nodes, weights, inputShape, inputLayer } = graph;
  const first = new MessageWriter();
  for (const node of nodes) first.message(1, encodeNode(node));
  first.string(2, graph.name);
  const input = addMetadata(valueMessage(inputName, float32, ['batch', ...inputShape]), 4, { [layerKey]: inputLayer });
  const output = valueMessage(outputName, float32, ['batch', classes]);
  const last = new MessageWriter().message(11, input).message(12, output);
  const inner: Part[] = [first.finish(), ...weights.flatMap(encodeWeights), last.finish()];
  const head = new MessageWriter().varint(1, irVersion).string(2, 'splitlab').announce(7, totalBytes(inner));
  const tail = new MessageWriter().message(8, new MessageWriter().string(1, '').varint(2, opset));
  addMetadata(tail, 14, { 'splitlab.weights': `random: ${generatorName}, seed ${graph.seed}` });
  return [head.finish(), ...inner, tail.finish()];
}

function totalBytes(parts: readonly Part[]): number {
  return parts.reduce((sum, part) => sum + (part instanceof Uint8Array ? part.length : part.count * 4), 0);
}

function encodeNode({ operator, layer, inputs, output, attributes }: GraphNode): MessageWriter {
  return nodeMessage({
    operator,
    name: output,
    inputs,
    outputs: [output],
    attributes,
    metadata: { [layerKey]: layer },
  });
}

function encodeWeights(weights: Weights): Part[] {
  if ('constant' in weights) {
    const data = new Uint8Array(Float32Array.of(weights.constant).buffer);
    return [new MessageWriter().message(5, tensorHeader(weights.name, float32, []).bytes(9, data)).finish()];
  }
  const count = elementCount(weights.shape);
  const header = tensorHeader(weights.name, float32, weights.shape)
    .announce(9, count * 4)
    .finish();
  const before = new MessageWriter().announce(5, header.length + count * 4).verbatim(header);
  return [before.finish(), { count, bound: weights.bound }];
}

function addMetadata(out: MessageWriter, field: number, entries: Readonly<Record<string, string>>): MessageWriter {
  for (const entry of entryMessages(entries)) out.message(field, entry);
  return out;
}

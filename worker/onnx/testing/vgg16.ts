import type { NodeDescription } from '../encode.ts';
import { type HoleDescription, writeSparseModel } from './sparse-model.ts';

/** Writes a graph of VGG16's shape (Simonyan and Zisserman, configuration D) with weights of zero. */
export async function writeVgg16(path: string): Promise<void> {
  const nodes: NodeDescription[] = [];
  const weights: HoleDescription[] = [];
  let last = 'input';
  const add = (
    layer: string,
    operator: string,
    extra: Omit<NodeDescription, 'operator' | 'inputs' | 'outputs'>,
    ...weightNames: string[]
  ) => {
    const output = `${layer}/${operator}`;
    nodes.push({
      operator,
      inputs: [last, ...weightNames],
      outputs: [output],
      metadata: { 'splitlab.layer': layer },
      ...extra,
    });
    last = output;
  };
  const dense = (layer: string, inputs: number, outputs: number, activation: string) => {
    weights.push({ name: `${layer}/W`, shape: [inputs, outputs] }, { name: `${layer}/b`, shape: [outputs] });
    add(layer, 'Gemm', {}, `${layer}/W`, `${layer}/b`);
    add(layer, activation, {});
  };
  let channels = 3;
  for (const [block, [filters, count]] of (
    [
      [64, 2],
      [128, 2],
      [256, 3],
      [512, 3],
      [512, 3],
    ] as const
  ).entries()) {
    for (let index = 1; index <= count; index++) {
      const layer = `block${block + 1}_conv${index}`;
      weights.push({ name: `${layer}/W`, shape: [filters, channels, 3, 3] }, { name: `${layer}/b`, shape: [filters] });
      add(layer, 'Conv', { attributes: { pads: { ints: [1, 1, 1, 1] } } }, `${layer}/W`, `${layer}/b`);
      add(layer, 'Relu', {});
      channels = filters;
    }
    const pooling = { kernel_shape: { ints: [2, 2] }, strides: { ints: [2, 2] } };
    add(`block${block + 1}_pool`, 'MaxPool', { attributes: pooling });
  }
  add('flatten', 'Flatten', {});
  dense('fc1', 25_088, 4096, 'Relu');
  dense('fc2', 4096, 4096, 'Relu');
  dense('predictions', 4096, 1000, 'Softmax');
  const graph = {
    name: 'vgg16',
    nodes,
    inputs: [{ name: 'input', type: 'float32', shape: ['batch', 3, 224, 224] }],
    outputs: [{ name: last, type: 'float32', shape: ['batch', 1000] }],
  } as const;
  await writeSparseModel(path, graph, weights);
}

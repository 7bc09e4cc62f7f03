import { GraphBuilder } from './builder.ts';
import type { ZooGraph } from './graph.ts';

const blocks = [
  { convolutions: 2, channels: 64 },
  { convolutions: 2, channels: 128 },
  { convolutions: 3, channels: 256 },
  { convolutions: 3, channels: 512 },
  { convolutions: 3, channels: 512 },
];

/** VGG16 (Simonyan and Zisserman, 2014) with Keras' layer names. */
export function vgg16(): ZooGraph {
  const builder = new GraphBuilder();
  let value = builder.input;
  for (const [index, { convolutions, channels }] of blocks.entries()) {
    const block = `block${index + 1}`;
    for (let number = 1; number <= convolutions; number++) {
      const gain = value === builder.input ? Math.SQRT2 / 64 : Math.SQRT2; // Caffe's preprocessing leaves values of about 64
      value = builder.convolution(`${block}_conv${number}`, value, {
        channels,
        kernel: 3,
        padding: 1,
        gain,
        activation: 'Relu',
      });
    }
    value = builder.pool('MaxPool', `${block}_pool`, value, { kernel: 2, stride: 2 });
  }
  value = builder.flatten('flatten', value);
  value = builder.dense('fc1', value, 4096, { activation: 'Relu' });
  value = builder.dense('fc2', value, 4096, { activation: 'Relu' });
  builder.dense('predictions', value, 1000, { activation: 'Softmax' });
  return builder.finish('VGG16', 16, 'input_1');
}

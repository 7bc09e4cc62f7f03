import { GraphBuilder } from './builder.ts';
import type { Value, ZooGraph } from './graph.ts';

const stages = [
  { stage: 2, blocks: 3, channels: 64, stride: 1 },
  { stage: 3, blocks: 4, channels: 128, stride: 2 },
  { stage: 4, blocks: 6, channels: 256, stride: 2 },
  { stage: 5, blocks: 3, channels: 512, stride: 2 },
];

/** ResNet50 (He et al., 2015) with Keras' layer names; batch normalisation is part of the convolutions. */
export function resNet50(): ZooGraph {
  const builder = new GraphBuilder();
  // Caffe's preprocessing leaves values of about 64.
  const stem = { channels: 64, kernel: 7, stride: 2, padding: 3, gain: Math.SQRT2 / 64 };
  let value = builder.relu('conv1_relu', builder.convolution('conv1_conv', builder.input, stem));
  value = builder.pool('MaxPool', 'pool1_pool', value, { kernel: 3, stride: 2, padding: 1 });
  for (const { stage, blocks, channels, stride } of stages) {
    for (let block = 1; block <= blocks; block++) {
      const name = `conv${stage}_block${block}`;
      value = bottleneck(builder, name, value, channels, block === 1 ? stride : 1, block === 1);
    }
  }
  value = builder.globalPool('avg_pool', value);
  builder.dense('predictions', value, 1000, { activation: 'Softmax' });
  return builder.finish('ResNet50', 50, 'input_1');
}

function bottleneck(
  builder: GraphBuilder,
  name: string,
  from: Value,
  channels: number,
  stride: number,
  projects: boolean,
): Value {
  const shortcut = projects
    ? builder.convolution(`${name}_0_conv`, from, { channels: 4 * channels, kernel: 1, stride, gain: 1 })
    : from;
  let value = builder.convolution(`${name}_1_conv`, from, { channels, kernel: 1, stride });
  value = builder.relu(`${name}_1_relu`, value);
  value = builder.convolution(`${name}_2_conv`, value, { channels, kernel: 3, padding: 1 });
  value = builder.relu(`${name}_2_relu`, value);
  // Half the gain: sixteen sums of equal parts would otherwise let the values grow 250 times.
  value = builder.convolution(`${name}_3_conv`, value, { channels: 4 * channels, kernel: 1, gain: 0.5 });
  return builder.relu(`${name}_out`, builder.add(`${name}_add`, shortcut, value));
}

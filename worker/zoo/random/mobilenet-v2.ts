import { GraphBuilder } from './builder.ts';
import type { Value, ZooGraph } from './graph.ts';

const groups = [
  { blocks: 1, channels: 16, stride: 1, expansion: 1 },
  { blocks: 2, channels: 24, stride: 2, expansion: 6 },
  { blocks: 3, channels: 32, stride: 2, expansion: 6 },
  { blocks: 4, channels: 64, stride: 2, expansion: 6 },
  { blocks: 3, channels: 96, stride: 1, expansion: 6 },
  { blocks: 3, channels: 160, stride: 2, expansion: 6 },
  { blocks: 1, channels: 320, stride: 1, expansion: 6 },
];

interface Block {
  readonly channels: number;
  readonly stride: number;
  readonly expansion: number;
}

/** MobileNetV2 (Sandler et al., 2018) with Keras' layer names; batch normalisation is part of the convolutions. */
export function mobileNetV2(): ZooGraph {
  const builder = new GraphBuilder();
  const stem = { channels: 32, kernel: 3, stride: 2, padding: stridedPadding };
  let value = builder.relu6('Conv1_relu', builder.convolution('Conv1', builder.input, stem));
  let number = 0;
  for (const { blocks, channels, stride, expansion } of groups) {
    for (let block = 0; block < blocks; block++) {
      const name = number === 0 ? 'expanded_conv' : `block_${number}`;
      value = invertedResidual(builder, name, value, { channels, stride: block === 0 ? stride : 1, expansion });
      number++;
    }
  }
  value = builder.relu6('out_relu', builder.convolution('Conv_1', value, { channels: 1280, kernel: 1 }));
  value = builder.globalPool('global_average_pooling2d', value);
  builder.dense('predictions', value, 1000, { activation: 'Softmax' });
  return builder.finish('MobileNetV2', 2, 'input_1');
}

/** Keras pads at the bottom and right where the stride is 2. */
const stridedPadding = [0, 0, 1, 1] as const;

function invertedResidual(builder: GraphBuilder, name: string, from: Value, block: Block): Value {
  const { channels, stride, expansion } = block;
  const inputChannels = from.shape[0] ?? 0;
  const wide = inputChannels * expansion;
  let value = from;
  if (expansion > 1) {
    value = builder.convolution(`${name}_expand`, value, { channels: wide, kernel: 1 });
    value = builder.relu6(`${name}_expand_relu`, value);
  }
  const padding = stride === 1 ? 1 : stridedPadding;
  value = builder.convolution(`${name}_depthwise`, value, { channels: wide, kernel: 3, stride, padding, groups: wide });
  value = builder.relu6(`${name}_depthwise_relu`, value);
  value = builder.convolution(`${name}_project`, value, { channels, kernel: 1, gain: 1 });
  return stride === 1 && inputChannels === channels ? builder.add(`${name}_add`, from, value) : value;
}

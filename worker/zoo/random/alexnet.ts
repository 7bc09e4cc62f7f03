import { GraphBuilder } from './builder.ts';
import type { ZooGraph } from './graph.ts';

/** AlexNet (Krizhevsky, 2014: "One weird trick ...") with Torchvision's layer names. */
export function alexNet(): ZooGraph {
  const builder = new GraphBuilder();
  const pooling = { kernel: 3, stride: 2 };
  let value = builder.convolution('features.0', builder.input, { channels: 64, kernel: 11, stride: 4, padding: 2 });
  value = builder.relu('features.1', value);
  value = builder.pool('MaxPool', 'features.2', value, pooling);
  value = builder.convolution('features.3', value, { channels: 192, kernel: 5, padding: 2 });
  value = builder.relu('features.4', value);
  value = builder.pool('MaxPool', 'features.5', value, pooling);
  for (const [index, channels] of [384, 256, 256].entries()) {
    value = builder.convolution(`features.${6 + 2 * index}`, value, { channels, kernel: 3, padding: 1 });
    value = builder.relu(`features.${7 + 2 * index}`, value);
  }
  value = builder.pool('MaxPool', 'features.12', value, pooling);
  // Adaptive to 6 x 6: from 6 x 6 each window is one element.
  value = builder.pool('AveragePool', 'avgpool', value, { kernel: 1 });
  value = builder.flatten('flatten', value);
  value = builder.dense('classifier.1', value, 4096);
  value = builder.relu('classifier.2', value);
  value = builder.dense('classifier.4', value, 4096);
  value = builder.relu('classifier.5', value);
  value = builder.dense('classifier.6', value, 1000);
  builder.softmax('softmax', value);
  return builder.finish('AlexNet', 12, 'input');
}

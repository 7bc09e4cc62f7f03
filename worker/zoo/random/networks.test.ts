import assert from 'node:assert/strict';
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { inputTensors } from '../../input/inputs.ts';
import { openInputs } from '../../input/open.ts';
import { valueMessage } from '../../onnx/encode.ts';
import { elementCode } from '../../onnx/types.ts';
import { MessageWriter } from '../../onnx/writer.ts';
import * as ort from '../../onnxruntime.ts';
import { type ZooModelName, zooModels } from '../models.ts';
import { resolveZooModel } from '../resolve.ts';
import { inputName, outputName, type ZooGraph } from './graph.ts';

/** Bytes of a float32 batch of one at the cut after a layer, as published for these architectures. */
const published: Partial<Record<ZooModelName, Record<string, number>>> = {
  VGG16: {
    input_1: 602_112,
    block1_conv1: 12_845_056,
    block1_conv2: 12_845_056,
    block1_pool: 3_211_264,
    block2_conv1: 6_422_528,
    block2_pool: 1_605_632,
    block3_conv1: 3_211_264,
    block3_pool: 802_816,
    block4_conv1: 1_605_632,
    block4_pool: 401_408,
    block5_conv1: 401_408,
    block5_pool: 100_352,
    flatten: 100_352,
    fc1: 16_384,
    fc2: 16_384,
    predictions: 4000,
  },
  ResNet50: {
    conv1_relu: 3_211_264,
    pool1_pool: 802_816,
    conv2_block1_out: 3_211_264,
    conv2_block3_out: 3_211_264,
    conv3_block4_out: 1_605_632,
    conv4_block6_out: 802_816,
    conv5_block3_out: 401_408,
    avg_pool: 8192,
  },
  AlexNet: {
    'features.0': 774_400,
    'features.2': 186_624,
    'features.5': 129_792,
    'features.12': 36_864,
    'classifier.6': 4000,
  },
  MobileNetV2: {
    Conv1_relu: 1_605_632,
    block_1_project: 301_056,
    block_2_add: 301_056,
    block_5_add: 100_352,
    block_9_add: 50_176,
    block_15_add: 31_360,
    block_16_project: 62_720,
    out_relu: 250_880,
  },
};

/** Parameters with batch normalisation folded into the convolutions. */
const parameters: Partial<Record<ZooModelName, number>> = {
  VGG16: 138_357_544,
  ResNet50: 25_530_472,
  AlexNet: 61_100_840,
};

let cacheFolder = '';
before(async () => {
  cacheFolder = await mkdtemp(join(tmpdir(), 'splitlab-networks-'));
});
after(() => rm(cacheFolder, { recursive: true }));

for (const [name, sizes] of Object.entries(published) as [ZooModelName, Record<string, number>][]) {
  const { source, preprocess } = zooModels[name];
  assert.ok('graph' in source);
  const graph = source.graph();

  test(`${name} has the published sizes at its cuts`, () => {
    const layers = new Map(graph.layers.map((layer) => [layer.name, layer.shape]));
    for (const [layer, bytes] of Object.entries(sizes)) {
      assert.equal(4 * (layers.get(layer) ?? []).reduce((product, size) => product * size, 1), bytes, layer);
    }
    if (parameters[name] !== undefined) assert.equal(parameterCount(graph), parameters[name]);
  });

  test(`${name} computes finite values that depend on the image in every layer`, async () => {
    const { path } = await resolveZooModel(name, { cacheFolder });
    const hidden = graph.layers.filter(({ tensor }) => tensor !== inputName && tensor !== outputName);
    await appendFile(path, furtherOutputs(hidden.map(({ tensor }) => tensor)));
    const session = await ort.InferenceSession.create(path);
    try {
      const [first, second] = [await activations(session, 0), await activations(session, 2)];
      for (const { name: layer, tensor, shape } of [...hidden, { name: 'output', tensor: outputName, shape: [1000] }]) {
        const [a, b] = [first[tensor], second[tensor]];
        assert.ok(a !== undefined && b !== undefined);
        assert.deepEqual(a.dims, [1, ...shape], layer);
        assert.ok(difference(a, b) > 0.05, `${layer} hardly depends on the image`);
        if (tensor !== outputName) assert.ok(size(a) > 0.1 && size(a) < 10, `${layer} has values of ${size(a)}`);
      }
    } finally {
      await session.release();
      await rm(path);
    }
  });

  async function activations(session: ort.InferenceSession, index: number) {
    const modelInputs = [{ name: inputName, type: 'float32', shape: ['batch', 3, 224, 224] }] as const;
    const inputs = await openInputs({ sample: 'Photos' }, { folder: '.', modelInputs, preprocess });
    const [tensor] = await inputTensors(inputs, index);
    assert.ok(tensor !== undefined);
    const values = new Float32Array(tensor.data.slice().buffer);
    return session.run({ [inputName]: new ort.Tensor('float32', values, tensor.shape) });
  }
}

test('layers have the names of the framework that people know the network from', () => {
  const names = (name: ZooModelName) => {
    const { source } = zooModels[name];
    return 'graph' in source ? source.graph().layers.map((layer) => layer.name) : [];
  };
  const vgg = ['input_1'];
  for (const [block, convolutions] of [2, 2, 3, 3, 3].entries()) {
    for (let number = 1; number <= convolutions; number++) vgg.push(`block${block + 1}_conv${number}`);
    vgg.push(`block${block + 1}_pool`);
  }
  assert.deepEqual(names('VGG16'), [...vgg, 'flatten', 'fc1', 'fc2', 'predictions']);
  assert.equal(names('VGG16').length, 23);
  const expected: Partial<Record<ZooModelName, readonly string[]>> = {
    ResNet50: ['conv2_block1_0_conv', 'conv2_block1_1_relu', 'conv5_block3_add', 'conv5_block3_out', 'predictions'],
    MobileNetV2: ['expanded_conv_depthwise_relu', 'block_1_expand_relu', 'block_16_depthwise', 'out_relu'],
    AlexNet: ['features.0', 'features.12', 'avgpool', 'classifier.1', 'classifier.6'],
  };
  for (const [name, some] of Object.entries(expected) as [ZooModelName, readonly string[]][]) {
    const all = names(name);
    for (const layer of some) assert.ok(all.includes(layer), `${name} lacks ${layer}`);
  }
});

function parameterCount(graph: ZooGraph): number {
  return graph.weights.reduce(
    (sum, weights) => sum + ('shape' in weights ? weights.shape.reduce((product, side) => product * side, 1) : 0),
    0,
  );
}

/** A field of a message that comes again is merged with the first: this adds outputs to a finished model. */
function furtherOutputs(tensors: readonly string[]): Uint8Array {
  const graph = new MessageWriter();
  for (const tensor of tensors) graph.message(12, valueMessage(tensor, elementCode('float32'), undefined));
  return new MessageWriter().message(7, graph).finish();
}

function values(tensor: ort.Tensor): Float32Array {
  assert.ok(tensor.data instanceof Float32Array);
  return tensor.data;
}

/** Root mean square. */
function size(tensor: ort.Tensor): number {
  return Math.sqrt(values(tensor).reduce((sum, value) => sum + value * value, 0) / values(tensor).length);
}

/** Root mean square of the difference, as a share of the first's; NaN or infinite where a value is. */
function difference(a: ort.Tensor, b: ort.Tensor): number {
  const other = values(b);
  const sum = values(a).reduce((total, value, index) => total + (value - (other[index] ?? 0)) ** 2, 0);
  return Math.sqrt(sum / other.length) / size(a);
}

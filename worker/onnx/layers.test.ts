import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findLayers } from './layers.ts';
import type { OnnxNode } from './model.ts';
import { labelTensors } from './tensor-names.ts';
import { flowOfNodes, plainNode } from './testing/flow.ts';

/** Layers of a chain of nodes, each reading the output of the one before. */
function layersOf(...parts: Partial<OnnxNode>[]): string[] {
  return findLayers(chain(parts)).map(({ name }) => name);
}

function chain(parts: readonly Partial<OnnxNode>[]) {
  const outputs = parts.map((part, index) => part.outputs?.[0] ?? `t${index}`);
  const nodes = parts.map((part, index) =>
    plainNode({ ...part, inputs: [outputs[index - 1] ?? 'x'], outputs: [outputs[index] ?? ''] }),
  );
  return flowOfNodes(nodes, ['x'], [outputs.at(-1) ?? '']);
}

function scopes(...names: string[]) {
  const list = `[${names.map((name) => `'${name}'`).join(', ')}]`;
  return { metadata: new Map([['pkg.torch.onnx.name_scopes', list]]) };
}

test('a name in the metadata wins, and a layer is one with its activation', () => {
  const own = (name: string) => ({ metadata: new Map([['splitlab.layer', name]]), name: '/features/features.0/Conv' });
  assert.deepEqual(layersOf(own('block1_conv1'), own('block1_conv1'), own('block1_pool')), [
    'block1_conv1',
    'block1_pool',
  ]);
});

test('TorchScript: modules from the node name; a reused module counts up; what a module does itself stands beside its parts', () => {
  assert.deepEqual(
    layersOf(
      { operator: 'Conv', name: '/features/features.0/Conv' },
      { operator: 'Conv', name: '/layer1/layer1.0/conv1/Conv' },
      { operator: 'Relu', name: '/layer1/layer1.0/relu/Relu' },
      { operator: 'Conv', name: '/layer1/layer1.0/conv2/Conv' },
      { operator: 'Relu', name: '/layer1/layer1.0/relu/Relu_1' },
      { operator: 'Add', name: '/layer1/layer1.0/Add' },
      { operator: 'Flatten', name: '/Flatten' },
    ),
    ['features.0', 'layer1.0.conv1', 'layer1.0.relu', 'layer1.0.conv2', 'layer1.0.relu_1', 'layer1.0.add', 'flatten'],
  );
});

test('PyTorch dynamo: modules from the name scopes', () => {
  assert.deepEqual(
    layersOf(
      { operator: 'MatMul', ...scopes('', 'classifier', 'classifier.0', 'linear') },
      { operator: 'Add', ...scopes('', 'classifier', 'classifier.0', 'linear') },
      { operator: 'Relu', ...scopes('', 'layer1', 'layer1.0', 'layer1.0.relu', 'relu') },
      { operator: 'Conv', ...scopes('', 'layer1', 'layer1.0', 'layer1.0.conv2', 'conv2d') },
      { operator: 'Relu', ...scopes('', 'layer1', 'layer1.0', 'layer1.0.relu', 'relu_1') },
      { operator: 'Add', ...scopes('', 'layer1', 'layer1.0', 'add_3') },
      { operator: 'Reshape', ...scopes('', 'flatten') },
    ),
    ['classifier.0', 'layer1.0.relu', 'layer1.0.conv2', 'layer1.0.relu_1', 'layer1.0.add', 'flatten'],
  );
});

test('Keras: the layer from the tensor name, without the model and the number that tracing added', () => {
  const tensor = (name: string) => ({ outputs: [name] });
  assert.deepEqual(
    layersOf(
      tensor('vgg16_1/block1_conv1_1/convolution:0'),
      tensor('vgg16_1/block1_conv1_1/Relu:0'),
      tensor('vgg16_1/block1_pool_1/MaxPool2d:0'),
    ),
    ['block1_conv1', 'block1_pool'],
  );
  assert.deepEqual(
    layersOf(tensor('model/conv2d_1/Relu:0'), tensor('model/conv2d_2/Relu:0')),
    ['conv2d_1', 'conv2d_2'],
    'a number of the layer itself stays',
  );
});

test('PaddlePaddle: the layer from the tensor name', () => {
  assert.deepEqual(layersOf({ outputs: ['conv2d_1.tmp_0'] }, { outputs: ['relu_0.tmp_0'] }), ['conv2d_1', 'relu_0']);
});

test('without a trace of an exporter the node names itself, else its output does', () => {
  assert.deepEqual(layersOf({ name: 'conv' }, { outputs: ['blocks.0/act'] }, { name: 'conv' }), [
    'conv',
    'blocks.0/act',
    'conv_1',
  ]);
});

test('names of layers and tensors are unique whatever the model says', () => {
  const names = layersOf({ name: 'a' }, { name: 'b' }, { name: 'a' }, { name: 'a_1' }, { name: 'a' });
  assert.equal(new Set(names).size, names.length, names.join());
  assert.deepEqual(names, ['a', 'b', 'a_2', 'a_1', 'a_3']);
});

test('a tensor inside a layer is named by layer and operator, the last by the layer', () => {
  const own = (operator: string) => ({ operator, metadata: new Map([['splitlab.layer', 'conv']]) });
  const flow = chain([own('Conv'), own('Add'), own('Add'), own('Relu')]);
  assert.deepEqual(labelTensors(flow, findLayers(flow)), [
    { name: 'x', layer: null },
    { name: 'conv/Conv', layer: 'conv' },
    { name: 'conv/Add', layer: 'conv' },
    { name: 'conv/Add_1', layer: 'conv' },
    { name: 'conv', layer: 'conv' },
  ]);
});

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { cutSchema } from '../../api/cut.ts';
import { OnnxError } from './errors.ts';
import { planModel } from './plan.ts';
import { readModel } from './read.ts';
import { headStub, tailStub } from './submodels.ts';
import { float, modelFolder, node, weight, writeModel } from './testing/models.ts';
import { writeVgg16 } from './testing/vgg16.ts';

function refused(code: string, message: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof OnnxError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  };
}

test('VGG16: 37 places before its output, sizes and shares as published, stubs of kilobytes', async () => {
  await using folder = await modelFolder();
  const path = join(folder.path, 'vgg16.onnx');
  await writeVgg16(path);
  const plan = await planModel(await readModel(path), { cuts: { selection: 'All' } });
  assert.equal(plan.cuts.length, 37 + 1);
  assert.ok(plan.exhaustive);
  for (const cut of plan.cuts) cutSchema.parse(cut);
  const bytes = Object.fromEntries(plan.cuts.map(({ name, tensors }) => [name, tensors[0]?.bytes]));
  assert.equal(bytes.block1_conv1, 12_845_056);
  assert.equal(bytes.block1_pool, 3_211_264);
  assert.equal(bytes.block3_conv3, 3_211_264);
  assert.equal(bytes.block5_pool, 100_352);
  assert.equal(bytes.flatten, 100_352);
  assert.equal(bytes.fc2, 16_384);
  assert.equal(bytes.predictions, 4000);
  const last = plan.cuts.at(-1);
  assert.equal(last?.headMacsShare, 1);
  assert.equal(last?.headParameterBytes, 138_357_544 * 4);
  const first = plan.cuts[0];
  assert.equal(first?.headParameterBytes, (3 * 3 * 3 * 64 + 64) * 4);
  // 15,470,264,320 multiply-adds in all: 3x3 convolutions 15.347 G, fully connected 0.124 G.
  assert.equal(first?.headMacsShare, (224 * 224 * 64 * 27) / 15_470_264_320);
  const stubs = plan.cuts.flatMap((cut) => [headStub(plan, cut), tailStub(plan, cut)]);
  assert.ok(stubs.every((stub) => stub.bytes.length < 16_384));
});

test('named layers, and an even subset over maxCount with a warning', async () => {
  await using folder = await modelFolder();
  const path = join(folder.path, 'vgg16.onnx');
  await writeVgg16(path);
  const model = await readModel(path);
  const named = await planModel(model, { cuts: { selection: 'Named', layers: ['fc1', 'block1_conv1'] } });
  assert.deepEqual(
    named.cuts.map(({ name, layer, tensors }) => [name, layer, tensors[0]?.name]),
    [
      ['block1_conv1', 'block1_conv1', 'block1_conv1/Relu'],
      ['fc1', 'fc1', 'fc1/Relu'],
    ],
  );
  const few = await planModel(model, { cuts: { selection: 'All', maxTensors: 1 }, maxCount: 4 });
  assert.deepEqual(
    few.cuts.map(({ name }) => name),
    ['block1_conv1/Conv', 'block3_conv1/Conv', 'block4_conv1/Conv', 'predictions'],
  );
  assert.match(few.warnings.join(), /38 cuts: 4 of them/);
  await assert.rejects(
    planModel(model, { cuts: { selection: 'Named', layers: ['block1_conv3'] } }),
    refused('UnknownLayer', /nearest names are: block1_conv/),
  );
});

test('models that cannot be divided or run are refused with the reason', async () => {
  await using folder = await modelFolder();
  const plan = async (operator: string, outputs = [float('y')]) => {
    const model = await writeModel(folder.path, { nodes: [node(operator, ['x'], 'y')], inputs: [float('x')], outputs });
    return planModel(model, { cuts: { selection: 'All' } });
  };
  await assert.rejects(plan('RandomNormalLike'), refused('Unsupported', /RandomNormalLike "y" draws random numbers/));
  await assert.rejects(plan('NoSuchOperator'), refused('Rejected', /NoSuchOperator/));
  await assert.rejects(plan('Cast', [{ name: 'y', type: 'bfloat16' }]), refused('Unsupported', /output "y"/));
  const cyclic = {
    nodes: [node('Add', ['x', 'y'], 'z'), node('Relu', ['z'], 'y')],
    inputs: [float('x')],
    outputs: [float('y')],
  };
  const model = await writeModel(folder.path, cyclic);
  await assert.rejects(planModel(model, { cuts: { selection: 'All' } }), refused('Malformed', /depends on itself/));
});

test('Dropout is refused only where it may be on', async () => {
  await using folder = await modelFolder();
  const plan = async (on: number) => {
    const flag = { name: 'on', type: 'bool', shape: [], data: Uint8Array.of(on) } as const;
    const graph = {
      nodes: [node('Dropout', ['x', 'ratio', 'on'], 'a'), node('Relu', ['a'], 'y')],
      initializers: [{ ...weight('ratio', []), data: new Uint8Array(Float32Array.of(0.5).buffer) }, flag],
      inputs: [float('x')],
      outputs: [float('y')],
    };
    return planModel(await writeModel(folder.path, graph), { cuts: { selection: 'All' } });
  };
  assert.equal((await plan(0)).cuts.length, 2);
  await assert.rejects(plan(1), refused('Unsupported', /Dropout "a" draws random numbers/));
});

test('where a run to find sizes fails, what needs them is left out with the reason', async () => {
  await using folder = await modelFolder();
  const model = await writeModel(folder.path, {
    nodes: [
      node('Relu', ['x'], 'a'),
      node('NonZero', ['a'], 'places'),
      node('Gather', ['table', 'places'], 'rows'),
      node('Reshape', ['rows', 'shape'], 'reshaped'),
      node('ReduceSum', ['reshaped'], 'y', { attributes: { keepdims: { int: 0 } } }),
    ],
    initializers: [weight('table', [64, 2])],
    inputs: [float('x', [4]), { name: 'shape', type: 'int64', shape: [2] }],
    outputs: [float('y', [])],
  });
  const plan = await planModel(model, { cuts: { selection: 'All' } });
  assert.deepEqual(
    plan.cuts.map(({ name }) => name),
    ['shape+a'],
    'ones, which are made up for integers, are no shape here',
  );
  assert.match(plan.warnings.join(), /run to find them failed.*Reshape/s);
  const shape = {
    name: 'shape',
    type: 'int64',
    shape: [2],
    data: new Uint8Array(BigInt64Array.of(4n, 2n).buffer),
  } as const;
  const x = {
    name: 'x',
    type: 'float32',
    shape: [4],
    data: new Uint8Array(new Float32Array(4).fill(1).buffer),
  } as const;
  const sampled = await planModel(model, { cuts: { selection: 'All' }, sample: [x, shape] });
  assert.deepEqual(sampled.warnings, []);
  assert.deepEqual(sampled.cuts.find(({ name }) => name === 'reshaped')?.tensors[0]?.shape, [4, 2]);
});

test('a cut that a tensor of no sendable type crosses is left out, with a warning', async () => {
  await using folder = await modelFolder();
  const cast = (to: number) => ({ attributes: { to: { int: to } } });
  const model = await writeModel(folder.path, {
    nodes: [
      node('Relu', ['x'], 'a'),
      node('Cast', ['a'], 'brain', cast(16)),
      node('Cast', ['brain'], 'b', cast(1)),
      node('SequenceConstruct', ['b'], 'sequence'),
      node('ConcatFromSequence', ['sequence'], 'y', { attributes: { axis: { int: 0 } } }),
    ],
    inputs: [float('x')],
    outputs: [float('y')],
  });
  const plan = await planModel(model, { cuts: { selection: 'All' } });
  assert.deepEqual(
    plan.cuts.map(({ name }) => name),
    ['a', 'b', 'y'],
  );
  assert.match(plan.warnings.join(), /2 cuts are left out/);
  await assert.rejects(
    planModel(model, { cuts: { selection: 'Named', layers: ['sequence'] } }),
    refused('NoCut', /left out/),
  );
});

test('shares are null where an operator is unknown or nothing multiplies', async () => {
  await using folder = await modelFolder();
  const graph = { nodes: [node('Relu', ['x'], 'y')], inputs: [float('x')], outputs: [float('y')] };
  const plan = await planModel(await writeModel(folder.path, graph), { cuts: { selection: 'All' } });
  assert.equal(plan.cuts[0]?.headMacsShare, null);
  assert.equal(plan.cuts[0]?.headParameterShare, null);
  assert.equal(plan.cuts[0]?.headParameterBytes, 0);
  const unsure = await writeModel(folder.path, {
    nodes: [node('Gemm', ['x', 'w'], 'a'), node('Det', ['a'], 'y')],
    initializers: [weight('w', [8, 8])],
    inputs: [float('x', [8, 8])],
    outputs: [float('y', [])],
  });
  const [cut] = (await planModel(unsure, { cuts: { selection: 'All' } })).cuts;
  assert.equal(cut?.headMacsShare, null);
  assert.equal(cut?.headParameterShare, 1);
});

test('free dimensions that are taken as 1 are named', async () => {
  await using folder = await modelFolder();
  const graph = {
    nodes: [node('Relu', ['x'], 'y')],
    inputs: [float('x', ['batch', 'seq'])],
    outputs: [float('y', ['batch', 'seq'])],
  };
  const model = await writeModel(folder.path, graph);
  const plan = await planModel(model, { cuts: { selection: 'All' } });
  assert.match(plan.warnings.join(), /taken as 1: seq\./);
  const sized = await planModel(model, { cuts: { selection: 'All' }, dimensions: { seq: 7 }, batchSize: 2 });
  assert.deepEqual(sized.warnings, []);
  assert.deepEqual(sized.cuts[0]?.tensors[0]?.shape, [2, 7]);
});

import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { encodeModel } from '../../worker/onnx/encode.ts';
import { leftNothing, runToEnd, temporaryFolder } from '../support/command.ts';
import { writeDigits } from '../support/digits.ts';
import { manifestText } from '../support/manifest.ts';
import { assertComplete, recordsOf } from '../support/results.ts';

const once = { warmup: 1, repetitions: 1, blocks: 1 };

async function recordsOfRun(folder: string, manifest: string, args: readonly string[] = []) {
  const output = join(folder, 'out');
  const { status, stderr } = await runToEnd(['run', '-', '--output', output, ...args], { folder, stdin: manifest });
  assert.equal(status, 0, stderr);
  await leftNothing(output);
  return { records: await recordsOf(output), stderr };
}

test('every codec, batches and the pipelined transfer', async () => {
  await using folder = await temporaryFolder();
  await writeDigits(folder.path, 4);
  const codecs = [
    ...['Float32', 'Float16', 'BFloat16', 'Json'].map((type) => ({ type })),
    { type: 'Affine', affine: { bits: 8, granularity: 'PerChannel' }, compression: 'Zstd' },
    { type: 'Affine', affine: { bits: 4, granularity: 'PerTensor' }, compression: 'Deflate' },
  ];
  const manifest = manifestText({
    input: { file: 'digits.npz', labels: 'labels.csv' },
    cuts: { selection: 'Named', layers: ['conv1'] },
    baselines: ['LocalOnly'],
    codecs,
    batchSizes: [1, 2],
    transfer: 'Pipelined',
    measurement: once,
  });
  const { records } = await recordsOfRun(folder.path, manifest);
  assertComplete(records, 2 * (codecs.length + 1));
  const encoded = (type: string, batchSize: number) =>
    records
      .filter((record) => record.codec?.type === type && record.batchSize === batchSize)
      .map(({ bytes }) => bytes.encoded?.mean ?? 0);
  const [float32 = 0] = encoded('Float32', 1);
  for (const type of ['Float16', 'BFloat16', 'Affine']) {
    for (const bytes of encoded(type, 1)) assert.ok(bytes < 0.7 * float32, `${type} ${bytes}`);
  }
  assert.ok((encoded('Json', 1)[0] ?? 0) > float32);
  assert.ok((encoded('Float32', 2)[0] ?? 0) > 1.9 * float32);
  for (const { transfer, output, cut, batchSize, latencyMilliseconds } of records) {
    // Repetitions are whole passes over the digits.
    assert.equal(latencyMilliseconds?.total?.count, 4 / batchSize);
    assert.equal(transfer, 'Pipelined', cut.kind);
    assert.deepEqual([output?.evaluated, output?.accuracy], [4, 1], cut.name);
  }
});

test('images: files and pixels are sent to the remote side', async () => {
  await using folder = await temporaryFolder();
  const manifest = manifestText({
    model: { zoo: 'EfficientNetLite0' },
    input: { sample: 'Cat' },
    cuts: { selection: 'Named', layers: ['conv_stem'] },
    baselines: ['LocalOnly', 'RemoteSource', 'RemotePixels', 'RemoteTensor'],
    measurement: once,
  });
  const { records } = await recordsOfRun(folder.path, manifest);
  assertComplete(records, 5);
  const of = (kind: string) => records.find(({ cut }) => cut.kind === kind);
  const { latencyMilliseconds: latency, bytes } = of('RemoteSource') ?? assert.fail();
  assert.ok(latency?.preprocess && latency.head === null && latency.decode === null);
  assert.ok(bytes.input && bytes.encoded && bytes.encoded.mean - bytes.input.mean < 1_000);
  const pixels = of('RemotePixels')?.bytes.encoded?.mean ?? 0;
  assert.ok(pixels >= 224 * 224 * 3 && pixels < 224 * 224 * 3 + 1_000, `${pixels}`);
  for (const { output } of records) assert.match(output?.top?.[0]?.label ?? '', /cat/);
});

/** y = relu(x w); `seq` is a free dimension. */
const model = encodeModel({
  irVersion: 8,
  opsets: { '': 17 },
  graph: {
    name: 'own',
    nodes: [
      { operator: 'MatMul', name: 'dense', inputs: ['x', 'w'], outputs: ['d'] },
      { operator: 'Relu', name: 'relu', inputs: ['d'], outputs: ['r'] },
      { operator: 'Softmax', name: 'softmax', inputs: ['r'], outputs: ['y'] },
    ],
    initializers: [{ name: 'w', type: 'float32', shape: [8, 16], data: new Uint8Array(8 * 16 * 4).fill(60) }],
    inputs: [{ name: 'x', type: 'float32', shape: ['batch', 'seq', 8] }],
    outputs: [{ name: 'y', type: 'float32', shape: ['batch', 'seq', 16] }],
  },
});

test("an own model from a file, and the same from a claim's folder, over a link as it is", async () => {
  await using folder = await temporaryFolder();
  await mkdir(join(folder.path, 'claim', 'models'), { recursive: true });
  await writeFile(join(folder.path, 'own.onnx'), model);
  await writeFile(join(folder.path, 'claim', 'models', 'own.onnx'), model);
  const spec = {
    input: { random: { seed: 3 }, dimensions: [{ name: 'seq', size: 5 }] },
    cuts: { selection: 'All' },
    links: [{ name: 'bare', type: 'None' }],
    measurement: { ...once, repetitions: 2 },
  };
  const fromFile = await recordsOfRun(folder.path, manifestText({ ...spec, model: { file: './own.onnx' } }, 'own'));
  assertComplete(fromFile.records, 5);
  const [relu] = fromFile.records.filter(({ cut }) => cut.layer === 'relu');
  assert.equal(relu?.bytes.intermediate?.mean, 5 * 16 * 4);
  for (const { link, model: used, output, latencyMilliseconds } of fromFile.records) {
    assert.equal(used.weights, 'Unknown');
    assert.equal(output?.top, null);
    assert.equal(latencyMilliseconds?.ideal, link === null ? latencyMilliseconds?.ideal : null);
    if (link) assert.ok(link.requested === null && (link.achieved.before?.uplinkBitsPerSecond ?? 0) > 1e6);
  }

  const claim = { persistentVolumeClaim: { claimName: 'data', path: 'models/own.onnx' } };
  const args = [
    '--bind',
    'pvc/data=claim',
    '--set',
    'spec.measurement.repetitions=1',
    '--set',
    'spec.cuts.maxCount=1',
    '--output',
    join(folder.path, 'claimed'),
  ];
  const options = { folder: folder.path, stdin: manifestText({ ...spec, model: claim }, 'own') };
  const { status, stderr } = await runToEnd(['run', '-', ...args], options);
  assert.equal(status, 0, stderr);
  const records = await recordsOf(join(folder.path, 'claimed'));
  assertComplete(records, 3);
  const trials = new Set(fromFile.records.map(({ trialId }) => trialId));
  for (const { trialId } of records) assert.ok(trials.has(trialId));
  for (const { latencyMilliseconds } of records) assert.equal(latencyMilliseconds?.total?.count, 1);
});

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { parseManifest } from '../../api/manifest/parse.ts';
import { encodeModel } from '../../worker/onnx/encode.ts';
import { UsageError } from '../errors.ts';
import { prepareRun } from './prepare.ts';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'splitlab-prepare-'));
  const value = (name: string) => ({ name, type: 'float32', shape: ['batch', 'length'] }) as const;
  const relu = { operator: 'Relu', name: 'first', inputs: ['x'], outputs: ['h'] };
  const graph = {
    name: 'g',
    nodes: [relu, { ...relu, name: 'second', inputs: ['h'], outputs: ['y'] }],
    inputs: [value('x')],
    outputs: [value('y')],
  };
  const fixed = { ...graph, inputs: [{ ...value('x'), shape: [1, 4] }], outputs: [{ ...value('y'), shape: [1, 4] }] };
  const model = (of: typeof graph | typeof fixed) => encodeModel({ irVersion: 8, opsets: { '': 17 }, graph: of });
  await writeFile(join(folder, 'free.onnx'), model(graph));
  await writeFile(join(folder, 'fixed.onnx'), model(fixed));
  await writeFile(join(folder, 'broken.onnx'), 'this is no model');
});
after(() => rm(folder, { recursive: true }));

function prepare(spec: Record<string, unknown>) {
  const manifest = { apiVersion: 'splitlab.dev/v1alpha1', kind: 'SplitExperiment', metadata: { name: 'x' }, spec };
  const parsed = parseManifest(JSON.stringify(manifest), 'test');
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return prepareRun(parsed.manifest, { folder, binds: {}, cacheFolder: join(folder, 'cache') });
}

const free = { model: { file: 'free.onnx' }, baselines: ['LocalOnly'] };

test('what is possible is planned; equal experiments have equal digests', async () => {
  const { plan, manifest, digest, model } = await prepare({ ...free, batchSizes: [1, 2] });
  assert.deepEqual([model.name, model.weights], ['free.onnx', 'Unknown']);
  assert.deepEqual(manifest.spec.input.random, { seed: 1 });
  assert.equal(manifest.spec.output.decode, 'None');
  assert.ok(plan.visits.length > 0);
  assert.equal((await prepare({ ...free, batchSizes: [1, 2] })).digest, digest);
  assert.notEqual((await prepare({ ...free, batchSizes: [1, 3] })).digest, digest);
});

const layers = (...names: string[]) => ({ selection: 'Named', layers: names });
for (const [spec, says] of [
  [{ model: { file: 'absent.onnx' } }, /^spec\.model\.file: .*absent\.onnx/],
  [{ model: { file: 'broken.onnx' } }, /^spec\.model\.file: .*broken\.onnx/],
  [{ ...free, cuts: layers('furst') }, /^spec\.cuts\.layers: .*"furst".*nearest names are: .*first/],
  [{ ...free, cuts: layers('x') }, /^spec\.cuts\.layers: "x" is an input.*RemoteTensor/],
  [
    { ...free, input: { dimensions: [{ name: 'lenght', size: 4 }] } },
    /^spec\.input\.dimensions: .*"lenght"; it has: .*length/,
  ],
  [
    { model: { file: 'fixed.onnx' }, batchSizes: [1, 2] },
    /^spec\.batchSizes: .*fixes its batch size, so 2 .*export it/,
  ],
  [{ ...free, input: { file: 'absent.npy' } }, /^spec\.input\.file: .*absent\.npy/],
  [
    { ...free, input: { random: { seed: 1 }, preprocess: { type: 'Caffe' } } },
    /^spec\.input\.preprocess: .*as they are/,
  ],
  [{ ...free, remote: { executionProvider: 'CUDA' } }, /^spec\.remote: .*CUDA.*CPU/],
] as const) {
  test(`a mistake is led by its field: ${says.source}`, async () => {
    await assert.rejects(prepare(spec), (error) => {
      assert.ok(error instanceof UsageError, String(error));
      assert.match(error.message, says);
      return true;
    });
  });
}

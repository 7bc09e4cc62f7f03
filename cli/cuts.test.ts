import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { cutSchema } from '../api/cut.ts';
import { encodeModel } from '../worker/onnx/encode.ts';
import { type CutsOptions, cutsCommand } from './cuts.ts';

/** y = relu(dense(x)) + dense(x): one tensor crosses, then two, then one. */
const residual = encodeModel({
  irVersion: 8,
  opsets: { '': 17 },
  graph: {
    name: 'residual',
    nodes: [
      { operator: 'Gemm', name: 'dense', inputs: ['x', 'w'], outputs: ['d'] },
      { operator: 'Relu', name: 'relu', inputs: ['d'], outputs: ['r'] },
      { operator: 'Add', name: 'sum', inputs: ['r', 'd'], outputs: ['y'] },
    ],
    initializers: [{ name: 'w', type: 'float32', shape: [8, 1000], data: new Uint8Array(32_000) }],
    inputs: [{ name: 'x', type: 'float32', shape: ['batch', 8] }],
    outputs: [{ name: 'y', type: 'float32', shape: ['batch', 1000] }],
  },
});

async function run(model: string | Uint8Array, options: CutsOptions, zoo?: Record<string, string>) {
  const folder = await mkdtemp(join(tmpdir(), 'splitlab-cuts-'));
  const [out, error]: [string[], string[]] = [[], []];
  try {
    const path = typeof model === 'string' ? model : join(folder, 'model.onnx');
    if (typeof model !== 'string') await writeFile(path, model);
    const resolve = zoo === undefined ? {} : { resolveModel: async () => path };
    const status = await cutsCommand(zoo === undefined ? path : 'Zoo', options, {
      stdout: { write: (text) => out.push(text) },
      stderr: { write: (text) => error.push(text) },
      ...resolve,
    });
    return { status, path, out: out.join(''), error: error.join('') };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test('the table shows each cut with what crosses it and what stands before it', async () => {
  const { status, path, out, error } = await run(residual, {});
  assert.equal(status, 0);
  assert.equal(error, '');
  assert.deepEqual(out.split('\n'), [
    `${path}: 3 cuts; inputs x float32 [1, 8]`,
    '',
    '#  CUT         TENSOR  TYPE     SHAPE   BYTES  MULTIPLY-ADDS  PARAMETERS',
    '1  dense       d       float32  1x1000  4,000        100.0 %     100.0 %',
    '2  dense+relu  d       float32  1x1000  4,000        100.0 %     100.0 %',
    '               r       float32  1x1000  4,000',
    '3  sum         y       float32  1x1000  4,000        100.0 %     100.0 %',
    '',
    'MULTIPLY-ADDS and PARAMETERS: the share in front of the cut.',
    '',
  ]);
});

test('--json prints one object and nothing else, --max-tensors bounds what crosses', async () => {
  const { status, out } = await run(residual, { json: true, maxTensors: 1, batchSize: 2 }, {});
  assert.equal(status, 0);
  const schema = z.strictObject({ model: z.string(), exhaustive: z.boolean(), cuts: z.array(cutSchema) });
  const { model, exhaustive, cuts } = schema.parse(JSON.parse(out));
  assert.equal(model, 'Zoo', 'as the user named it');
  assert.ok(exhaustive);
  assert.deepEqual(
    cuts.map(({ name, tensors }) => [name, tensors[0]?.shape]),
    [
      ['dense', [2, 1000]],
      ['sum', [2, 1000]],
    ],
  );
});

test('a bad model or option ends with status 2 and says why', async () => {
  const truncated = await run(residual.slice(0, 1000), {});
  assert.equal(truncated.status, 2);
  assert.equal(truncated.out, '');
  assert.match(truncated.error, /model\.onnx: .*incomplete or damaged/);
  assert.match((await run('/no/such/model.onnx', {})).error, /cannot be opened/);
  const option = await run(residual, { maxTensors: 0 });
  assert.equal(option.status, 2);
  assert.match(option.error, /--max-tensors 0/);
  assert.match((await run(residual, { dimensions: { width: 3 } })).error, /no free dimension "width"; it has: batch/);
});

test('a failure that is not the model is not hidden', async () => {
  const io = { stdout: { write: () => {} }, stderr: { write: () => {} } };
  const resolveModel = () => Promise.reject(new Error('disk full'));
  await assert.rejects(cutsCommand('VGG16', {}, { ...io, resolveModel }), /disk full/);
});

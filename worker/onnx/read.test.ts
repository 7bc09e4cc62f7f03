import assert from 'node:assert/strict';
import { mkdir, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { encodeModel, type TensorDescription } from './encode.ts';
import { OnnxError } from './errors.ts';
import { planModel } from './plan.ts';
import { readModel } from './read.ts';
import { headStub, tailStub } from './submodels.ts';
import { float, integers, modelFolder, node, weight, writeModel } from './testing/models.ts';
import { runStub } from './testing/run-stub.ts';
import { writeSparseModel } from './testing/sparse-model.ts';

function refusedWith(code: string, message: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof OnnxError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  };
}

/** y = x + w, with w in another file. */
function externalModel(data: Exclude<TensorDescription['data'], Uint8Array>): Uint8Array {
  return encodeModel({
    irVersion: 8,
    opsets: { '': 17 },
    graph: {
      name: 'g',
      nodes: [node('Relu', ['x'], 'a'), node('Add', ['a', 'w'], 'y')],
      initializers: [{ name: 'w', type: 'float32', shape: [64], data }],
      inputs: [float('x', [64])],
      outputs: [float('y', [64])],
    },
  });
}

test('a model is read without its weights, which become ranges of the file', async () => {
  await using folder = await modelFolder();
  const model = await writeModel(
    folder.path,
    {
      nodes: [node('Relu', ['x'], 'a', { metadata: { 'splitlab.layer': 'first' } }), node('Add', ['a', 'w'], 'y')],
      initializers: [weight('w', [64]), integers('axes', [1, 2])],
      inputs: [float('x', ['batch', 64]), float('w', [64])],
      outputs: [float('y', ['batch', 64])],
    },
    { irVersion: 3, producer: 'tests', metadata: { purpose: 'check' } },
  );
  assert.equal(model.irVersion, 3);
  assert.equal(model.producer, 'tests');
  assert.deepEqual([...model.metadata], [['purpose', 'check']]);
  assert.deepEqual([...model.opsets], [['', 17]]);
  assert.deepEqual(
    model.graph.inputs.map(({ name, shape }) => [name, shape]),
    [['x', ['batch', 64]]],
    'an input that is a weight is no input',
  );
  assert.deepEqual(model.graph.nodes[0]?.metadata.get('splitlab.layer'), 'first');
  const storage = model.graph.initializers.get('w')?.storage;
  assert.equal(storage?.kind === 'File' && storage.range.length, 256);
  assert.equal(model.graph.initializers.get('axes')?.storage.kind, 'Inline');
});

test('a large constant stays in the file like a weight', async () => {
  await using folder = await modelFolder();
  const value = { tensor: weight('', [1000]) };
  const model = await writeModel(folder.path, {
    nodes: [node('Constant', [], 'w', { attributes: { value } }), node('Add', ['x', 'w'], 'y')],
    inputs: [float('x', [1000])],
    outputs: [float('y', [1000])],
  });
  assert.equal(model.graph.nodes.length, 1);
  assert.equal(model.graph.initializers.get('w')?.storage.kind, 'File');
});

test('weights beyond 2 GiB are planned and run', async () => {
  await using folder = await modelFolder();
  const path = join(folder.path, 'large.onnx');
  const graph = {
    name: 'large',
    nodes: [node('Gather', ['table', 'x'], 'row'), node('Mul', ['row', 'w'], 'scaled'), node('Relu', ['scaled'], 'y')],
    initializers: [weight('w', [64])],
    inputs: [{ name: 'x', type: 'int64', shape: [1] }],
    outputs: [float('y', [1, 64])],
  } as const;
  await writeSparseModel(path, graph, [{ name: 'table', shape: [10_000_000, 64] }]);
  const before = process.memoryUsage().rss;
  const model = await readModel(path);
  const plan = await planModel(model, { cuts: { selection: 'All' } });
  assert.ok(model.fileBytes > 2 ** 31);
  assert.ok(process.memoryUsage().rss - before < 200e6, 'the table was read');
  assert.deepEqual(
    plan.cuts.map(({ name }) => name),
    ['row', 'scaled', 'y'],
  );
  // The last weight lies beyond 2^31 bytes: a tail that multiplies with it proves the offset.
  const [cut] = plan.cuts;
  assert.ok(cut);
  const row = {
    name: 'row',
    type: 'float32',
    shape: [1, 64],
    data: new Uint8Array(new Float32Array(64).fill(2).buffer),
  } as const;
  const [y] = await runStub(tailStub(plan, cut), [row]);
  assert.deepEqual([...new Float32Array(y?.data.slice().buffer ?? [])].slice(0, 3), [2, 4, 6]);
  assert.ok(headStub(plan, cut).bytes.length < 1000);
});

test('weights in another file are found, through links too', async () => {
  await using folder = await modelFolder();
  await mkdir(join(folder.path, 'blobs'));
  await mkdir(join(folder.path, 'snapshot'));
  const w = Float32Array.from({ length: 64 }, (_, index) => index);
  await writeFile(join(folder.path, 'blobs', 'a1'), externalModel({ location: 'w.bin', offset: 4, length: 256 }));
  await writeFile(
    join(folder.path, 'blobs', 'b2'),
    new Uint8Array([...new Uint8Array(4), ...new Uint8Array(w.buffer)]),
  );
  await symlink('../blobs/a1', join(folder.path, 'snapshot', 'model.onnx'));
  await symlink('../blobs/b2', join(folder.path, 'snapshot', 'w.bin'));
  const plan = await planModel(await readModel(join(folder.path, 'snapshot', 'model.onnx')), {
    cuts: { selection: 'Named', layers: ['a'] },
  });
  const [cut] = plan.cuts;
  assert.ok(cut);
  const a = { name: 'a', type: 'float32', shape: [64], data: new Uint8Array(256) } as const;
  const [y] = await runStub(tailStub(plan, cut), [a]);
  assert.deepEqual(new Float32Array(y?.data.slice().buffer ?? []), w);
});

test('weights in another file that a branch uses are found, and refused behind a link', async () => {
  await using folder = await modelFolder();
  const branch = (name: string, offset: number) => ({
    graph: {
      name,
      nodes: [node('Add', ['a', `${name}_w`], `${name}_y`)],
      initializers: [
        { name: `${name}_w`, type: 'float32', shape: [64], data: { location: 'w.bin', offset, length: 256 } } as const,
      ],
      inputs: [],
      outputs: [float(`${name}_y`, [64])],
    },
  });
  const attributes = { then_branch: branch('then', 0), else_branch: branch('else', 256) };
  const graph = {
    nodes: [node('Relu', ['x'], 'a'), node('If', ['p'], 'y', { attributes })],
    inputs: [float('x', [64]), { name: 'p', type: 'bool', shape: [] } as const],
    outputs: [float('y', [64])],
  };
  await writeFile(join(folder.path, 'w.bin'), new Uint8Array(Float32Array.from({ length: 128 }, (_, i) => i).buffer));
  const model = await writeModel(folder.path, graph);
  const plan = await planModel(model, { cuts: { selection: 'Named', layers: ['a'] } });
  const [cut] = plan.cuts;
  assert.ok(cut);
  const p = { name: 'p', type: 'bool', shape: [], data: Uint8Array.of(0) } as const;
  const a = { name: 'a', type: 'float32', shape: [64], data: new Uint8Array(256) } as const;
  const [y] = await runStub(tailStub(plan, cut), [p, a]);
  assert.deepEqual([...new Float32Array(y?.data.slice().buffer ?? [])].slice(0, 2), [64, 65]);
  await mkdir(join(folder.path, 'linked'));
  for (const file of ['model.onnx', 'w.bin']) await symlink(`../${file}`, join(folder.path, 'linked', file));
  await readModel(join(folder.path, 'linked', 'model.onnx'));
  await rename(join(folder.path, 'w.bin'), join(folder.path, 'blob'));
  await rm(join(folder.path, 'linked', 'w.bin'));
  await symlink('../blob', join(folder.path, 'linked', 'w.bin'));
  await assert.rejects(
    readModel(join(folder.path, 'linked', 'model.onnx')),
    refusedWith('Unsupported', /inside an If, Loop or Scan lie in "w\.bin".*copy the files/),
  );
});

test('weights that are missing, short or elsewhere are refused by name', async () => {
  await using folder = await modelFolder();
  const path = join(folder.path, 'model.onnx');
  await writeFile(path, externalModel({ location: 'w.bin', offset: 0, length: 256 }));
  await assert.rejects(readModel(path), refusedWith('ExternalData', /w\.bin.*not beside it/));
  await writeFile(join(folder.path, 'w.bin'), new Uint8Array(255));
  await assert.rejects(readModel(path), refusedWith('ExternalData', /"w" ends at byte 256 .* 255 bytes/));
  for (const location of ['../w.bin', '/etc/passwd', 'a/../../w.bin']) {
    await writeFile(path, externalModel({ location, offset: 0, length: 256 }));
    await assert.rejects(readModel(path), refusedWith('ExternalData', /outside its own folder/));
  }
  await writeFile(path, externalModel({ location: 'w.bin', offset: 0, length: 200 }));
  await assert.rejects(readModel(path), refusedWith('ExternalData', /256 are needed/));
});

test('what is no model is refused by name, with the path', async () => {
  await using folder = await modelFolder();
  const path = join(folder.path, 'model.onnx');
  await assert.rejects(readModel(path), refusedWith('Unreadable', /model\.onnx.*ENOENT/));
  await assert.rejects(readModel(folder.path), refusedWith('Unreadable', /is no file/));
  await writeFile(path, '');
  await assert.rejects(readModel(path), refusedWith('Malformed', /no graph/));
  await writeFile(path, '<html>not found</html>');
  await assert.rejects(readModel(path), refusedWith('Malformed', /model\.onnx: Not an ONNX model/));
  await writeModel(folder.path, { nodes: [], initializers: [weight('w', [64])], inputs: [], outputs: [] });
  await truncate(path, 100);
  await assert.rejects(readModel(path), refusedWith('Truncated', /incomplete or damaged/));
});

test('graphs nested without end are refused', async () => {
  await using folder = await modelFolder();
  let graph = { name: 'g', nodes: [node('Relu', ['x'], 'y')], inputs: [float('x')], outputs: [float('y')] };
  for (let depth = 0; depth < 40; depth++) {
    graph = { ...graph, nodes: [node('If', ['x'], 'y', { attributes: { then_branch: { graph } } })] };
  }
  await assert.rejects(writeModel(folder.path, graph), refusedWith('TooLarge', /nests more than 32/));
});

test('a tensor whose bytes do not fit its shape is refused', async () => {
  await using folder = await modelFolder();
  const wrong = { ...weight('w', [64]), shape: [63] };
  const graph = {
    nodes: [node('Add', ['x', 'w'], 'y')],
    initializers: [wrong],
    inputs: [float('x')],
    outputs: [float('y')],
  };
  await assert.rejects(writeModel(folder.path, graph), refusedWith('Malformed', /"w" of shape \[63\].* 256 bytes/));
  const huge = { ...weight('w', [1]), shape: [2 ** 40, 2 ** 40] };
  await assert.rejects(writeModel(folder.path, { ...graph, initializers: [huge] }), refusedWith('Malformed', /shape/));
});

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { nodeMessage, tensorMessage, valueMessage } from './encode.ts';
import { OnnxError } from './errors.ts';
import { planModel } from './plan.ts';
import { readModel } from './read.ts';
import { tailStub } from './submodels.ts';
import { integers, modelFolder, node, weight } from './testing/models.ts';
import { runStub } from './testing/run-stub.ts';
import { MessageWriter } from './writer.ts';

/** y = relu(x) + w, where w is sparse: 1 at 0, 2 at 3. */
function sparseModel(values = tensorMessage(weight('w', [2]))): Uint8Array {
  const sparse = new MessageWriter()
    .message(1, values)
    .message(2, tensorMessage(integers('', [0, 3])))
    .varint(3, 4);
  const graph = new MessageWriter()
    .message(1, nodeMessage(node('Relu', ['x'], 'a')))
    .message(1, nodeMessage(node('Add', ['a', 'w'], 'y')))
    .string(2, 'g')
    .message(15, sparse)
    .message(11, valueMessage('x', 1, [4]))
    .message(12, valueMessage('y', 1, [4]));
  const opset = new MessageWriter().string(1, '').varint(2, 17);
  return new MessageWriter().varint(1, 8).message(7, graph).message(8, opset).finish();
}

test('sparse weights travel with the part that needs them and count their values', async () => {
  await using folder = await modelFolder();
  const path = join(folder.path, 'model.onnx');
  await writeFile(path, sparseModel());
  const plan = await planModel(await readModel(path), { cuts: { selection: 'All' } });
  const [cut, last] = plan.cuts;
  assert.ok(cut && last);
  assert.equal(cut.headParameterBytes, 0);
  assert.ok((last.headParameterBytes ?? 0) > 0);
  const a = { name: 'a', type: 'float32', shape: [4], data: new Uint8Array(16) } as const;
  const [y] = await runStub(tailStub(plan, cut), [a]);
  assert.deepEqual([...new Float32Array(y?.data.slice().buffer ?? [])], [1, 0, 0, 2]);
});

test('sparse weights in another file are refused by name', async () => {
  await using folder = await modelFolder();
  const path = join(folder.path, 'model.onnx');
  const data = { location: 'w.bin', offset: 0, length: 8 };
  await writeFile(path, sparseModel(tensorMessage({ name: 'w', type: 'float32', shape: [2], data })));
  await assert.rejects(readModel(path), (error: unknown) => {
    return error instanceof OnnxError && error.code === 'Unsupported' && /sparse initializer "w"/.test(error.message);
  });
});

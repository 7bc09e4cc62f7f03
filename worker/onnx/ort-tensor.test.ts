import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InferenceSession } from '../onnxruntime.ts';
import { type ElementType, elementBytes } from '../tensor.ts';
import { encodeModel } from './encode.ts';
import { ortTensor } from './ort-tensor.ts';

test('every element type passes through ONNX Runtime bit for bit', async () => {
  for (const type of Object.keys(elementBytes) as ElementType[]) {
    if (type === 'bfloat16') continue;
    const data = Uint8Array.from({ length: 3 * elementBytes[type] }, (_, index) =>
      type === 'bool' ? index % 2 : index,
    );
    const session = await InferenceSession.create(
      encodeModel({
        irVersion: 8,
        opsets: { '': 17 },
        graph: {
          name: 'g',
          nodes: [{ operator: 'Identity', inputs: ['x'], outputs: ['y'] }],
          inputs: [{ name: 'x', type, shape: [3] }],
          outputs: [{ name: 'y', type, shape: [3] }],
        },
      }),
    );
    const { y } = await session.run({ x: ortTensor({ type, shape: [3], data }) });
    assert.equal(y?.type, type);
    assert.ok(ArrayBuffer.isView(y.data));
    assert.deepEqual(new Uint8Array(y.data.buffer, y.data.byteOffset, y.data.byteLength), data, type);
    await session.release();
  }
});

test('bfloat16 is refused by name', () => {
  assert.throws(() => ortTensor({ type: 'bfloat16', shape: [1], data: new Uint8Array(2) }), /no bfloat16/);
});

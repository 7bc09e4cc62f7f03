import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InferenceSession, Tensor } from '../onnxruntime.ts';
import { encodeModel } from './encode.ts';

function floats(...values: number[]): Uint8Array {
  return new Uint8Array(Float32Array.from(values).buffer);
}

test('ONNX Runtime reads and runs an encoded model', async () => {
  const bytes = encodeModel({
    irVersion: 8,
    opsets: { '': 17, 'test.local': 1 },
    producer: 'test',
    metadata: { purpose: 'check' },
    functions: [
      {
        domain: 'test.local',
        name: 'Twice',
        inputs: ['a'],
        outputs: ['b'],
        nodes: [{ operator: 'Add', inputs: ['a', 'a'], outputs: ['b'] }],
        opsets: { '': 17 },
      },
    ],
    graph: {
      name: 'g',
      nodes: [
        {
          operator: 'Gemm',
          name: 'dense',
          inputs: ['x', 'w', 'bias'],
          outputs: ['y'],
          attributes: { alpha: { float: 2 }, transB: { int: 1 } },
          metadata: { 'splitlab.layer': 'dense' },
        },
        { operator: 'Transpose', inputs: ['y'], outputs: ['t'], attributes: { perm: { ints: [1, 0] } } },
        { operator: 'Twice', domain: 'test.local', inputs: ['t'], outputs: ['z'] },
      ],
      initializers: [
        { name: 'w', type: 'float32', shape: [1, 2], data: floats(3, 4) },
        { name: 'bias', type: 'float32', shape: [1], data: floats(0.5) },
      ],
      inputs: [{ name: 'x', type: 'float32', shape: ['batch', 2] }],
      outputs: [{ name: 'z', type: 'float32', shape: [1, null] }],
    },
  });
  const session = await InferenceSession.create(bytes);
  const { z } = await session.run({ x: new Tensor('float32', Float32Array.of(1, 2), [1, 2]) });
  assert.deepEqual(Array.from(z?.data as Float32Array), [(2 * (3 + 8) + 0.5) * 2]);
  await session.release();
});

test('an attribute may hold a graph, a tensor, or a list', async () => {
  const branch = (name: string, value: number) => ({
    graph: {
      name,
      nodes: [
        {
          operator: 'Constant',
          inputs: [],
          outputs: [name],
          attributes: {
            value: { tensor: { name: '', type: 'float32', shape: [1], data: floats(value) } },
          },
        },
      ],
      inputs: [],
      outputs: [{ name, type: 'float32', shape: [1] }],
    } as const,
  });
  const bytes = encodeModel({
    irVersion: 8,
    opsets: { '': 17 },
    graph: {
      name: 'g',
      nodes: [
        {
          operator: 'If',
          inputs: ['condition'],
          outputs: ['chosen'],
          attributes: { then_branch: branch('then', 1), else_branch: branch('else', 2) },
        },
        {
          operator: 'Constant',
          inputs: [],
          outputs: ['added'],
          attributes: { value_floats: { floats: [10, 20] } },
        },
        { operator: 'Add', inputs: ['chosen', 'added'], outputs: ['y'] },
      ],
      inputs: [{ name: 'condition', type: 'bool', shape: [] }],
      outputs: [{ name: 'y', type: 'float32' }],
    },
  });
  const session = await InferenceSession.create(bytes);
  const { y } = await session.run({ condition: new Tensor('bool', [false], []) });
  assert.deepEqual(Array.from(y?.data as Float32Array), [12, 22]);
  await session.release();
});

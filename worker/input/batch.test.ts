import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Tensor } from '../tensor.ts';
import { batchIndices, stack } from './batch.ts';
import { InputMismatchError } from './errors.ts';

const sample = (value: number, shape: readonly number[] = [1, 2]): readonly Tensor[] => [
  { name: 'x', type: 'uint8', shape, data: new Uint8Array(2).fill(value) },
  { name: 'y', type: 'uint8', shape: [1], data: Uint8Array.of(value + 100) },
];

test('samples are joined along the first axis, each input for itself', () => {
  const [x, y] = stack([sample(1), sample(2), sample(3)]);
  assert.deepEqual(x, { name: 'x', type: 'uint8', shape: [3, 2], data: Uint8Array.of(1, 1, 2, 2, 3, 3) });
  assert.deepEqual(y, { name: 'y', type: 'uint8', shape: [3], data: Uint8Array.of(101, 102, 103) });
});

test('one sample is not copied', () => {
  const only = sample(1);
  assert.equal(stack([only]), only);
});

test('samples that differ in shape are refused', () => {
  assert.throws(() => stack([sample(1), sample(2, [2, 1])]), InputMismatchError);
  assert.throws(() => stack([sample(1), sample(2).slice(0, 1)]), InputMismatchError);
  const scalar: readonly Tensor[] = [{ name: 's', type: 'uint8', shape: [], data: new Uint8Array(1) }];
  assert.throws(() => stack([scalar, scalar]), InputMismatchError);
});

test('batches go round after the last input', () => {
  assert.deepEqual(batchIndices(0, 2, 3), [0, 1]);
  assert.deepEqual(batchIndices(2, 3, 3), [2, 0, 1]);
  assert.deepEqual(batchIndices(5, 4, 1), [0, 0, 0, 0]);
});

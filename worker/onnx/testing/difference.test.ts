import assert from 'node:assert/strict';
import { test } from 'node:test';
import { difference } from './difference.ts';

function float32(...values: number[]) {
  const data = new Uint8Array(Float32Array.from(values).buffer);
  return { name: 'y', type: 'float32', shape: [values.length], data } as const;
}

test('without tolerance one bit is a difference', () => {
  assert.equal(difference(float32(1, 2), float32(1, 2), 0), undefined);
  assert.match(difference(float32(1, 2), float32(1, 2.0000002), 0) ?? '', /bit for bit/);
});

test('the tolerance grows with the largest value, and never below that of 1', () => {
  assert.equal(difference(float32(1000, 0), float32(1000, 0.05), 1e-4), undefined);
  assert.match(difference(float32(1, 0), float32(1, 0.05), 1e-4) ?? '', /differs at 1/);
  assert.equal(difference(float32(1e-9), float32(5e-5), 1e-4), undefined);
});

test('what is not finite, missing or of another shape differs', () => {
  assert.equal(difference(float32(Number.NaN, Infinity), float32(Number.NaN, Infinity), 1e-4), undefined);
  assert.match(difference(float32(Number.NaN), float32(0), 1e-4) ?? '', /differs/);
  assert.match(difference(float32(Infinity), float32(1), 1e-4) ?? '', /differs/);
  assert.match(difference(float32(1), undefined, 1e-4) ?? '', /missing/);
  assert.match(difference(float32(1), float32(1, 2), 1e-4) ?? '', /instead of float32 \[1\]/);
});

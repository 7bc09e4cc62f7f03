import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ElementType, elementBytes } from '../tensor.ts';
import { randomSamples } from './random.ts';

const input = (type: ElementType) => ({ name: type, type, shape: ['batch', 3, 50] });

test('samples differ from one another and are the same for a seed', () => {
  const samples = randomSamples([input('float32')], 1, 2);
  assert.deepEqual(randomSamples([input('float32')], 1, 2), samples);
  assert.deepEqual(randomSamples([input('float32')], 1, 1)[0], samples[0]);
  assert.notDeepEqual(samples[0], samples[1]);
  assert.notDeepEqual(randomSamples([input('float32')], 2, 1)[0], samples[0]);
  assert.deepEqual(samples[0]?.[0]?.shape, [1, 3, 50]);
});

test('every element type has elements of its size', () => {
  const types = Object.keys(elementBytes) as ElementType[];
  for (const tensor of randomSamples(types.map(input), 1, 1)[0] ?? []) {
    assert.equal(tensor.data.length, 150 * elementBytes[tensor.type], tensor.type);
    assert.equal(tensor.data.byteOffset, 0);
  }
});

test('numbers are near 0 and spread, integers are 0 or 1', () => {
  const [floats, halves, longs, bytes] = ['float32', 'bfloat16', 'int64', 'bool'].map(
    (type) => randomSamples([input(type as ElementType)], 3, 1)[0]?.[0]?.data.slice().buffer ?? new ArrayBuffer(0),
  ) as [ArrayBuffer, ArrayBuffer, ArrayBuffer, ArrayBuffer];
  const values = new Float32Array(floats);
  const variance = values.reduce((sum, value) => sum + value * value, 0) / values.length;
  assert.ok(variance > 0.7 && variance < 1.3, `variance ${variance}`);
  // A bfloat16 is the upper half of a float32.
  const widened = new Float32Array(Uint32Array.from(new Uint16Array(halves), (half) => half << 16).buffer);
  for (const [index, value] of widened.entries()) assert.ok(Math.abs(value - (values[index] ?? 0)) < 0.02);
  assert.deepEqual(new Set(new BigInt64Array(longs)), new Set([0n, 1n]));
  assert.deepEqual(new Set(new Uint8Array(bytes)), new Set([0, 1]));
});

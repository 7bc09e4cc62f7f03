import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { weightGenerator } from './generator.ts';

test('the stream depends on the seed alone, not on how it is asked for', () => {
  fc.assert(
    fc.property(fc.integer(), fc.nat(50), fc.nat(50), (seed, first, second) => {
      const whole = new Float32Array(first + second);
      weightGenerator(seed).fill(whole, 0.5);
      const parts = new Float32Array(first + second);
      const generator = weightGenerator(seed);
      generator.fill(parts.subarray(0, first), 0.5);
      generator.fill(parts.subarray(first), 0.5);
      assert.deepEqual(parts, whole);
    }),
  );
});

test('the values are known', () => {
  const values = new Float32Array(4);
  weightGenerator(1).fill(values, 1);
  assert.deepEqual([...new Uint32Array(values.buffer)], [1060919855, 1042752712, 3199714680, 3206085146]);
});

test('weights fill their range evenly', () => {
  const values = new Float32Array(100_000);
  weightGenerator(7).fill(values, 2);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + value * value, 0) / values.length;
  assert.ok(Math.abs(mean) < 0.02, `mean ${mean}`);
  assert.ok(Math.abs(variance - 4 / 3) < 0.02, `variance ${variance}`);
  assert.ok(values.every((value) => value >= -2 && value <= 2));
});

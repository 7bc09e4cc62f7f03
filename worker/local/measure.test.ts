import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { wholePasses } from './measure.ts';

test('repetitions are rounded up to whole passes over the inputs', () => {
  assert.equal(wholePasses(10, 3, 1), 12);
  assert.equal(wholePasses(10, 10, 1), 10);
  assert.equal(wholePasses(1, 400, 1), 400);
  // Batches of 2 over 3 inputs: 0 1, 2 0, 1 2.
  assert.equal(wholePasses(1, 3, 2), 3);
  assert.equal(wholePasses(4, 8, 2), 4);
  assert.equal(wholePasses(1, 1, 16), 1);
});

test('it is the least number that is enough and takes every input equally often', () => {
  const number = fc.integer({ min: 1, max: 60 });
  fc.assert(
    fc.property(number, number, number, (wanted, inputs, batchSize) => {
      const isEven = (count: number) => (count * batchSize) % inputs === 0;
      let least = wanted;
      while (!isEven(least)) least++;
      assert.equal(wholePasses(wanted, inputs, batchSize), least);
    }),
  );
});

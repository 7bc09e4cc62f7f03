import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Random, seededRandom } from '../random.ts';
import { exactly, medianInterval, studentQuantile } from './interval.ts';

test('a worked example: medians 10, 11 and 12 of three blocks', () => {
  const { value, low, high } = medianInterval([
    [9, 10, 11],
    [10, 11, 12],
    [11, 12, 13],
  ]);
  const halfWidth = 4.3027 / Math.sqrt(3);
  assert.equal(value, 11);
  assert.ok(Math.abs((low ?? 0) - (11 - halfWidth)) < 1e-9);
  assert.ok(Math.abs((high ?? 0) - (11 + halfWidth)) < 1e-9);
});

test('one block gives no interval, none an error, empty ones do not count', () => {
  assert.deepEqual(medianInterval([[1, 2, 3]]), { value: 2, low: null, high: null });
  assert.deepEqual(medianInterval([[1, 2, 3], []]), { value: 2, low: null, high: null });
  assert.throws(() => medianInterval([[], []]), RangeError);
});

test('what is always the same is known exactly', () => {
  assert.deepEqual(medianInterval([[5, 5], [5]]), exactly(5));
});

test('the interval holds the median, and moves and grows with the samples', () => {
  const blocks = fc.array(fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1, maxLength: 8 }), {
    minLength: 2,
    maxLength: 5,
  });
  fc.assert(
    fc.property(blocks, fc.integer({ min: -100, max: 100 }), (samples, shift) => {
      const here = medianInterval(samples);
      const there = medianInterval(samples.map((block) => block.map((sample) => 2 * sample + shift)));
      assert.ok((here.low ?? 0) <= here.value && here.value <= (here.high ?? 0));
      assert.ok(Math.abs((there.low ?? 0) - (2 * (here.low ?? 0) + shift)) < 1e-6);
      assert.ok(Math.abs((there.high ?? 0) - (2 * (here.high ?? 0) + shift)) < 1e-6);
    }),
  );
});

test('it holds the true median about 95 times in 100, whether blocks differ or not', () => {
  for (const between of [0, 1, 3]) {
    const random = seededRandom(11 + between);
    let held = 0;
    for (let trial = 0; trial < 1000; trial++) {
      const blocks = Array.from({ length: 3 }, () => {
        const shift = between * normal(random);
        return Array.from({ length: 10 }, () => shift + normal(random));
      });
      const { low, high } = medianInterval(blocks);
      if (low !== null && high !== null && low <= 0 && high >= 0) held++;
    }
    assert.ok(held >= 930 && held <= 970, `${held} of 1000 with a deviation of ${between} between blocks`);
  }
});

test("Student's quantile joins its table smoothly", () => {
  assert.equal(studentQuantile(2), 4.3027);
  assert.ok(Math.abs(studentQuantile(31) - 2.0395) < 1e-4);
  assert.ok(Math.abs(studentQuantile(120) - 1.9799) < 1e-4);
});

/** Box and Muller. */
function normal(random: Random): number {
  const uniform = () => (random.uint32() + 0.5) / 2 ** 32;
  return Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

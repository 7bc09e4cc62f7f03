import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { median, medianRanks, quantile, summarise } from './quantiles.ts';

const samples = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 60 });
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

test('quantiles are those of R (type 7) and NumPy', () => {
  assert.equal(quantile([1, 2, 3, 4], 0.5), 2.5);
  assert.equal(quantile([1, 2, 3, 4, 5], 0.9), 4.6);
  assert.equal(quantile([7], 0.99), 7);
  assert.equal(median([3, 1, 2]), 2);
});

test('samples are sorted as numbers and none is left out', () => {
  assert.deepEqual(summarise([10, 9, 100, -1, 2]), {
    count: 5,
    mean: 24,
    p50: 9,
    p50Low: null,
    p50High: null,
    p90: null,
    p99: null,
    min: -1,
    max: 100,
  });
});

test('p90 stands from 29 samples, p99 from 299, the interval of the median from 6', () => {
  for (const [count, p90, p99] of [
    [28, false, false],
    [29, true, false],
    [298, true, false],
    [299, true, true],
  ] as const) {
    const summary = summarise(upTo(count));
    assert.deepEqual([summary.p90 !== null, summary.p99 !== null], [p90, p99], `${count} samples`);
  }
  assert.equal(summarise(upTo(5)).p50Low, null);
  assert.equal(summarise(upTo(6)).p50Low, 1);
  assert.equal(summarise(upTo(6)).p50High, 6);
});

test('the ranks are those of the binomial tables', () => {
  assert.deepEqual(medianRanks(5), null);
  assert.deepEqual(medianRanks(8), { low: 0, high: 7 });
  assert.deepEqual(medianRanks(9), { low: 1, high: 7 });
  assert.deepEqual(medianRanks(10), { low: 1, high: 8 });
  assert.deepEqual(medianRanks(20), { low: 5, high: 14 });
  assert.deepEqual(medianRanks(100), { low: 39, high: 60 });
});

test('the ranks are the narrowest with 95 %, for any number of samples', () => {
  fc.assert(
    fc.property(fc.integer({ min: 6, max: 900 }), (count) => {
      const ranks = medianRanks(count);
      assert.ok(ranks);
      assert.equal(ranks.low + ranks.high, count - 1);
      assert.ok(1 - 2 * below(count, ranks.low) >= 0.95);
      assert.ok(1 - 2 * below(count, ranks.low + 1) < 0.95);
    }),
  );
  assert.ok(medianRanks(1_000_000));
});

test('the figures stand in order', () => {
  fc.assert(
    fc.property(samples, (list) => {
      const { count, mean, p50, p50Low, p50High, min, max } = summarise(list);
      assert.equal(count, list.length);
      assert.ok(min <= p50 && p50 <= max);
      assert.ok(min - 1e-6 <= mean && mean <= max + 1e-6);
      if (p50Low !== null && p50High !== null)
        assert.ok(min <= p50Low && p50Low <= p50 && p50 <= p50High && p50High <= max);
    }),
  );
});

test('no samples and samples that are no numbers are refused', () => {
  assert.throws(() => summarise([]), RangeError);
  assert.throws(() => summarise([1, Number.NaN]), RangeError);
  assert.throws(() => summarise([Number.POSITIVE_INFINITY]), RangeError);
});

/** The probability that at most `successes` of `count` fair coins show heads, in whole numbers up to the last step. */
function below(count: number, successes: number): number {
  let term = 1n;
  let sum = 1n;
  for (let heads = 1n; heads <= BigInt(successes); heads++) {
    term = (term * (BigInt(count) - heads + 1n)) / heads;
    sum += term;
  }
  return Number((sum * 10n ** 18n) / 2n ** BigInt(count)) / 1e18;
}

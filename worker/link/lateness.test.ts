import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createLateness } from './lateness.ts';

test('without a delivery there is no lateness', () => {
  assert.deepEqual(createLateness().summary(), { count: 0, p50Ms: null, p99Ms: null, maxMs: null });
});

test('quantiles are those of the samples within 2 %', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0.001, max: 50_000, noNaN: true }), { minLength: 1, maxLength: 300 }),
      (samples) => {
        const lateness = createLateness();
        for (const sample of samples) lateness.add(sample);
        const sorted = samples.toSorted((a, b) => a - b);
        const summary = lateness.summary();
        assert.equal(summary.count, samples.length);
        assert.equal(summary.maxMs, sorted.at(-1));
        for (const [p, value] of [
          [0.5, summary.p50Ms],
          [0.99, summary.p99Ms],
        ] as const) {
          const exact = sorted[Math.ceil(p * sorted.length) - 1] ?? Number.NaN;
          assert.ok(value !== null && Math.abs(value - exact) <= 0.02 * exact + 1e-9, `${p}: ${value} is not ${exact}`);
        }
      },
    ),
  );
});

test('early, exact and absurdly late deliveries are counted too', () => {
  const lateness = createLateness();
  for (const sample of [-1, 0, 0, 1e9]) lateness.add(sample);
  const summary = lateness.summary();
  assert.equal(summary.count, 4);
  assert.ok((summary.p50Ms ?? 1) <= 0.001);
  assert.equal(summary.maxMs, 1e9);
});

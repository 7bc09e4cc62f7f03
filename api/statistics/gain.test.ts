import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { gainPercent } from './gain.ts';
import { exactly } from './interval.ts';

const around = (value: number, spread: number) => ({ value, low: value - spread, high: value + spread });
const figures = fc
  .tuple(fc.double({ min: 1, max: 1e6, noNaN: true }), fc.double({ min: 0, max: 0.9, noNaN: true }))
  .map(([value, share]) => around(value, value * share));

test('exact figures give an exact gain', () => {
  assert.deepEqual(gainPercent(exactly(30), exactly(40), 'UplinkBytes'), {
    percent: 25,
    low: 25,
    high: 25,
    verdict: 'Better',
  });
  assert.equal(gainPercent(exactly(60), exactly(40), 'UplinkBytes')?.verdict, 'Worse');
  assert.equal(gainPercent(exactly(40), exactly(40), 'UplinkBytes')?.verdict, 'Inconclusive');
  assert.equal(gainPercent(exactly(60), exactly(40), 'Throughput')?.percent, 50);
});

test('an interval that reaches over zero tells nothing', () => {
  assert.equal(gainPercent(around(38, 5), around(40, 5), 'LatencyP50')?.verdict, 'Inconclusive');
  assert.equal(gainPercent(around(20, 1), around(40, 1), 'LatencyP50')?.verdict, 'Better');
  assert.equal(gainPercent({ value: 1, low: null, high: null }, around(40, 1), 'LatencyP50')?.verdict, 'Inconclusive');
});

test('there is no share of nothing; nothing is all of it gained', () => {
  assert.equal(gainPercent(exactly(5), exactly(0), 'UplinkBytes'), null);
  assert.deepEqual(gainPercent(exactly(0), exactly(5), 'UplinkBytes'), {
    percent: 100,
    low: 100,
    high: 100,
    verdict: 'Better',
  });
  assert.equal(gainPercent(around(1, 2), around(5, 1), 'LatencyP50')?.low, null);
});

test('the interval holds the gain and is no wider than the extremes of both', () => {
  fc.assert(
    fc.property(
      figures,
      figures,
      fc.constantFrom('LatencyP50' as const, 'Throughput' as const),
      (trial, baseline, objective) => {
        const gain = gainPercent(trial, baseline, objective);
        assert.ok(gain && gain.low !== null && gain.high !== null);
        const slack = 1e-9 * (1 + Math.abs(gain.percent) + Math.abs(gain.low) + Math.abs(gain.high));
        assert.ok(gain.low <= gain.percent + slack && gain.percent <= gain.high + slack);
        const least = gainPercent(exactly(trial.low), exactly(baseline.high), objective)?.percent ?? 0;
        const most = gainPercent(exactly(trial.high), exactly(baseline.low), objective)?.percent ?? 0;
        assert.ok(gain.low >= Math.min(least, most) - slack && gain.high <= Math.max(least, most) + slack);
      },
    ),
  );
});

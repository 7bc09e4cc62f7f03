import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { TrialFigures } from './best.ts';
import { exactly } from './interval.ts';
import { pareto } from './pareto.ts';

function trial(trialId: string, ms: number, bytes: number, accuracy?: number): TrialFigures {
  const figures = {
    LatencyP50: exactly(ms),
    UplinkBytes: exactly(bytes),
    ...(accuracy !== undefined && { Accuracy: exactly(accuracy) }),
  };
  return { trialId, kind: 'Cut', link: 'wifi', batchSize: 1, figures };
}

const ids = (trials: readonly TrialFigures[]) => trials.map(({ trialId }) => trialId);

test('the front is what nothing else beats', () => {
  const trials = [
    trial('small', 30, 1),
    trial('fast', 10, 9),
    trial('beaten', 31, 2),
    trial('between', 20, 5),
    trial('twin', 20, 5),
  ];
  const front = pareto(trials, ['LatencyP50', 'UplinkBytes']);
  assert.deepEqual(ids(front.trials), ['fast', 'between', 'twin', 'small']);
  assert.deepEqual(front.warnings, []);
});

test('of accuracy, more is better', () => {
  const trials = [trial('exact', 20, 1, 95), trial('rough', 10, 1, 90), trial('worse', 20, 1, 80)];
  assert.deepEqual(ids(pareto(trials, ['LatencyP50', 'Accuracy']).trials), ['rough', 'exact']);
});

test('an objective that nobody has leaves the front, with a warning', () => {
  const front = pareto([trial('a', 1, 2), trial('b', 2, 1)], ['LatencyP50', 'LocalEnergy']);
  assert.deepEqual(ids(front.trials), ['a']);
  assert.deepEqual(front.objectives, ['LatencyP50']);
  assert.deepEqual(front.warnings, ['LocalEnergy is not available and was left out of the comparison']);
});

test('a trial that lacks a figure is left out, with a warning', () => {
  const front = pareto([trial('a', 1, 2, 90), trial('b', 0, 1)], ['LatencyP50', 'Accuracy']);
  assert.deepEqual(ids(front.trials), ['a']);
  assert.deepEqual(front.warnings, ['1 of 2 trials lack a figure of LatencyP50, Accuracy and were left out']);
});

test('without any figure there is no front', () => {
  assert.deepEqual(pareto([trial('a', 1, 2)], ['LocalEnergy']).trials, []);
  assert.deepEqual(pareto([], ['LatencyP50']).trials, []);
});

test('everything off the front is beaten by something on it, nothing on it is', () => {
  const beats = (a: TrialFigures, b: TrialFigures) => {
    const pairs = (['LatencyP50', 'UplinkBytes'] as const).map(
      (name) => (a.figures[name]?.value ?? 0) - (b.figures[name]?.value ?? 0),
    );
    return pairs.every((difference) => difference <= 0) && pairs.some((difference) => difference < 0);
  };
  const point = fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 9 }));
  fc.assert(
    fc.property(fc.array(point, { maxLength: 30 }), (points) => {
      const trials = points.map(([ms, bytes], index) => trial(String(index), ms, bytes));
      const front = pareto(trials, ['LatencyP50', 'UplinkBytes']).trials;
      for (const candidate of trials) {
        assert.equal(front.includes(candidate), !trials.some((other) => beats(other, candidate)));
      }
    }),
  );
});

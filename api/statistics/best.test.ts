import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CutKind } from '../cut.ts';
import { best, comparableGroups, type TrialFigures } from './best.ts';
import { exactly } from './interval.ts';

function trial(
  trialId: string,
  kind: CutKind,
  figures: TrialFigures['figures'],
  link: string | null = 'wifi',
  batchSize = 1,
): TrialFigures {
  return { trialId, kind, figures, link: kind === 'LocalOnly' ? null : link, batchSize };
}

const latency = (value: number, spread = 1) => ({ LatencyP50: { value, low: value - spread, high: value + spread } });
const ids = (entries: readonly { readonly trial: TrialFigures }[]) => entries.map((entry) => entry.trial.trialId);

const group = [
  trial('late', 'Cut', latency(50)),
  trial('first', 'Cut', latency(20)),
  trial('close', 'Cut', latency(20.9, 0.1)),
  trial('beyond', 'Cut', latency(21.1)),
  trial('local', 'LocalOnly', latency(40)),
  trial('tensor', 'RemoteTensor', latency(30)),
  trial('source', 'RemoteSource', latency(25)),
  trial('failed', 'Cut', {}),
];

test('the best are all within the interval of the least, the least first', () => {
  assert.deepEqual(ids(best(group, 'LatencyP50')), ['first', 'close']);
});

test('the gain is told against LocalOnly and the best remote baseline, with a verdict', () => {
  const [first] = best(group, 'LatencyP50');
  assert.equal(first?.gainOverLocalOnly?.percent, 50);
  assert.equal(first?.gainOverLocalOnly?.verdict, 'Better');
  assert.equal(Math.round(first?.gainOverRemote?.percent ?? 0), 20);
  assert.equal(first?.gainOverRemote?.verdict, 'Better');
});

test('a baseline can be the best; it gains nothing over itself', () => {
  const [only] = best([trial('local', 'LocalOnly', latency(10)), trial('cut', 'Cut', latency(20))], 'LatencyP50');
  assert.equal(only?.trial.trialId, 'local');
  assert.equal(only?.gainOverLocalOnly, null);
  assert.equal(only?.gainOverRemote, null);
});

test('of accuracy and throughput, more is better', () => {
  const trials = [
    trial('low', 'Cut', { Accuracy: exactly(70) }),
    trial('high', 'Cut', { Accuracy: { value: 90, low: 88, high: 92 } }),
    trial('near', 'Cut', { Accuracy: exactly(89) }),
    trial('local', 'LocalOnly', { Accuracy: exactly(80) }),
  ];
  const entries = best(trials, 'Accuracy');
  assert.deepEqual(ids(entries), ['high', 'near']);
  assert.equal(entries[0]?.gainOverLocalOnly?.percent, 12.5);
  assert.equal(entries[0]?.gainOverLocalOnly?.verdict, 'Better');
});

test('without an interval only equal figures share the place', () => {
  const unsure = (value: number) => ({ LatencyP50: { value, low: null, high: null } });
  const trials = [
    trial('a', 'Cut', unsure(5)),
    trial('b', 'Cut', unsure(5.1)),
    trial('c', 'Cut', unsure(5)),
    trial('l', 'LocalOnly', unsure(9)),
  ];
  const entries = best(trials, 'LatencyP50');
  assert.deepEqual(ids(entries), ['a', 'c']);
  assert.equal(entries[0]?.gainOverLocalOnly?.verdict, 'Inconclusive');
});

test('nothing is best where there is no figure', () => {
  assert.deepEqual(best(group, 'LocalEnergy'), []);
  assert.deepEqual(best([], 'LatencyP50'), []);
});

test('trials are compared within one link and batch size, LocalOnly with every link', () => {
  const trials = [
    trial('w1', 'Cut', {}, 'wifi', 1),
    trial('l1', 'Cut', {}, 'lte', 1),
    trial('w2', 'Cut', {}, 'wifi', 2),
    trial('local1', 'LocalOnly', {}, null, 1),
    trial('local2', 'LocalOnly', {}, null, 2),
  ];
  assert.deepEqual(
    comparableGroups(trials).map(({ link, batchSize, trials: members }) => [
      link,
      batchSize,
      members.map(({ trialId }) => trialId),
    ]),
    [
      ['wifi', 1, ['w1', 'local1']],
      ['wifi', 2, ['w2', 'local2']],
      ['lte', 1, ['l1', 'local1']],
      ['lte', 2, ['local2']],
    ],
  );
  assert.deepEqual(
    comparableGroups(trials.slice(3, 4)).map(({ link }) => link),
    [null],
  );
});

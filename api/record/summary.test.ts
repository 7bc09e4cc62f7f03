import assert from 'node:assert/strict';
import { test } from 'node:test';
import { baselineCut } from '../plan/expand.ts';
import type { VisitRecord } from './record.ts';
import { summariseTrials } from './summary.ts';
import { codecName, summaryCells, summaryColumns, summaryJson } from './summary-csv.ts';
import { recordFixture, sampleFixture } from './testing/fixture.ts';

const objectives = ['LatencyP50', 'UplinkBytes'] as const;

/** Records of a trial in three blocks around a time, with two samples each. */
function trial(trialId: string, totalMs: number, changes: Partial<VisitRecord> = {}) {
  const records = [0, 1, 2].map((block) => recordFixture({ trialId, block, ...changes }));
  const samples = records.map(({ visitId, attempt, block }) => ({
    visitId,
    attempt,
    samples: [sampleFixture(0, totalMs + block / 10), sampleFixture(1, totalMs + block / 10)],
  }));
  return { records, samples };
}

const cell = (row: Parameters<typeof summaryCells>[0], name: string) => summaryCells(row)[summaryColumns.indexOf(name)];

test('a trial is the median over all blocks with means of its segments', () => {
  const { records, samples } = trial('a'.repeat(16), 10);
  const [row] = summariseTrials(records, samples, objectives);
  assert.ok(row);
  assert.equal(row.total?.value, 10.1);
  assert.ok((row.total?.low ?? 0) < 10.1 && (row.total?.high ?? 0) > 10.1);
  assert.equal(row.samples, 6);
  assert.equal(row.totalP90Ms, null, 'six samples do not give a 90th percentile');
  assert.ok(Math.abs(Number(cell(row, 'headMs')) - 5.05) < 1e-9);
  assert.equal(cell(row, 'tailMs'), null);
  assert.ok(Math.abs(Number(cell(row, 'overheadMs')) - 1) < 1e-9);
  assert.equal(cell(row, 'best'), 'LatencyP50;UplinkBytes');
  assert.deepEqual(summaryJson(row).best, ['LatencyP50', 'UplinkBytes']);
});

test('rejected attempts are counted and their samples are not', () => {
  const { records, samples } = trial('a'.repeat(16), 10);
  const rejected = recordFixture({
    trialId: 'a'.repeat(16),
    verdict: { result: 'Rejected', reason: 'LinkOutOfTolerance', message: '' },
  });
  const later = records.map((record) => ({ ...record, attempt: 1 }));
  const all = [
    ...samples.map((one) => ({ ...one, attempt: 1 })),
    { visitId: rejected.visitId, attempt: 0, samples: [sampleFixture(0, 9999)] },
  ];
  const [row] = summariseTrials([rejected, ...later], all, objectives);
  assert.equal(row?.rejected, 1);
  assert.equal(row?.samples, 6);
  assert.equal(row?.total?.value, 10.1);
});

test('the trace that stands for a trial is of the visit whose median is nearest to the trial', () => {
  const { records, samples } = trial('a'.repeat(16), 10);
  const figures = { count: 2, mean: 0, p50Low: null, p50High: null, p90: null, p99: null, min: 0, max: 0 };
  const traced = records.map((record) => ({
    ...record,
    latencyMilliseconds: { ...recordFixture().latencyMilliseconds, total: { ...figures, p50: 10 + record.block / 10 } },
    traces: { median: `median ${record.block}`, slowest: 'slowest' },
  })) as VisitRecord[];
  assert.equal(summariseTrials(traced, samples, objectives)[0]?.traceId, 'median 1');
  assert.equal(summariseTrials(records, samples, objectives)[0]?.traceId, null, 'records without traces');
});

test('the best are those that the data do not tell apart; LocalOnly competes on every link', () => {
  const fast = trial('a'.repeat(16), 10);
  const slow = trial('b'.repeat(16), 50);
  const local = trial('c'.repeat(16), 5, { cut: baselineCut('LocalOnly'), link: null, codec: null, remote: null });
  const groups = [fast, slow, local];
  const rows = summariseTrials(
    groups.flatMap(({ records }) => records),
    groups.flatMap(({ samples }) => samples),
    objectives,
  );
  assert.deepEqual(
    rows.map(({ best }) => best),
    [[], [], ['LatencyP50', 'UplinkBytes']],
  );
});

test('a trial that nothing was accepted of has no figures', () => {
  const verdict = { result: 'Failed', reason: 'InferenceFailed', message: 'no' } as const;
  const [row] = summariseTrials([recordFixture({ verdict })], [], objectives);
  assert.equal(row?.total, null);
  assert.deepEqual(row?.figures, {});
  assert.equal(row?.rejected, 1);
});

test('codecs have short names', () => {
  assert.equal(codecName({ type: 'Float32', compression: 'None' }), 'Float32');
  assert.equal(
    codecName({ type: 'Affine', affine: { bits: 4, granularity: 'PerChannel' }, compression: 'Zstd' }),
    'Affine4/PerChannel+Zstd',
  );
});

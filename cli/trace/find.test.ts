import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordFixture, sampleFixture } from '../../api/record/testing/fixture.ts';
import { UsageError } from '../errors.ts';
import { findInference } from './find.ts';
import type { TraceSource } from './source.ts';
import { sumUp } from './trials.ts';

const idOf = (digits: string) => digits.padEnd(32, '0');
const figures = { count: 3, mean: 0, p50Low: null, p50High: null, p90: null, p99: null, min: 0, max: 0 };

/** A visit with three inferences; the second is the median and the third the slowest. */
function visit(trialId: string, link: string, p50: number, digits: readonly [string, string, string], attempt = 0) {
  const template = recordFixture();
  const record = recordFixture({
    trialId,
    attempt,
    link: template.link && { ...template.link, name: link },
    latencyMilliseconds: { ...template.latencyMilliseconds, total: { ...figures, p50 } } as never,
    traces: { median: idOf(digits[1]), slowest: idOf(digits[2]) },
  });
  const samples = digits.map((id, index) => ({ ...sampleFixture(index, p50 + index - 1), traceId: idOf(id) }));
  return { record, samples };
}

const [a, b, c] = ['a', 'b', 'c'].map((digit) => digit.repeat(16)) as [string, string, string];
const visits = [
  visit(a, 'wifi', 20, ['a1', 'a2', 'a3']),
  visit(b, 'lte', 10, ['b1', 'b2', 'b3']),
  visit(b, 'lte', 10, ['b4', 'b5', 'b6'], 1),
];
const failed = recordFixture({
  trialId: c,
  verdict: { result: 'Failed', reason: 'InferenceFailed', message: 'no memory' },
});

const source: TraceSource = {
  name: 'the run',
  async *records() {
    for (const { record } of visits) yield record;
    yield failed;
  },
  async *samples() {
    for (const { record, samples } of visits) {
      const { visitId, attempt } = record;
      for (const sample of samples) yield { visitId, attempt, traceId: sample.traceId, read: () => sample };
    }
  },
  trials: () => sumUp(source),
};

const traceOf = async (id: string, options = {}) => (await findInference(source, { id, ...options })).sample.traceId;
const refused = (id: string, message: RegExp, options = {}) =>
  assert.rejects(findInference(source, { id, ...options }), (error) => {
    assert.ok(error instanceof UsageError);
    assert.match(error.message, message);
    return true;
  });

test('an inference is found by its trace id or the beginning of it, with the record of its attempt', async () => {
  const { record, sample } = await findInference(source, { id: idOf('b6') });
  assert.deepEqual([record.attempt, sample.repetition], [1, 2]);
  assert.equal(await traceOf('a3'), idOf('a3'));
  await refused('b', /begins more than one trace \(b1.*, b2.*\): give more digits/);
  await refused('ff', /no inference of the run has the trace ff; samples\.csv/);
});

test('a visit is shown by its median or its slowest inference, of the attempt that speaks for it', async () => {
  assert.equal(await traceOf(`${b}-0`), idOf('b2'));
  assert.equal(await traceOf(`${b}-0`, { slowest: true }), idOf('b3'));
  await refused(`${c}-0`, /measured no inference \(Failed, InferenceFailed: no memory\); choose another visit/);
  await refused(`${c}-1`, /no visit c+-1 has left a record/);
});

test('the best is the median inference of the fastest trial, of all links or of one', async () => {
  assert.equal(await traceOf('best'), idOf('b2'));
  assert.equal(await traceOf('best', { link: 'wifi' }), idOf('a2'));
  await refused('best', /no link|over a link "5g"; there are: wifi, lte/, { link: '5g' });
});

test('what cannot be meant is refused with what could be', async () => {
  await refused('nonsense', /no trace id .* no visit id .* and not best/);
  await refused('a1', /--slowest chooses among the inferences of a visit/, { slowest: true });
  await refused('a1', /write best/, { link: 'wifi' });
  const empty: TraceSource = {
    ...source,
    records: async function* () {},
    samples: async function* () {},
    trials: async () => [],
  };
  await assert.rejects(findInference(empty, { id: 'best' }), /no visit of the run has been accepted yet/);
});

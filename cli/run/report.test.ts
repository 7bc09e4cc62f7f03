import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { VisitRecord } from '../../api/record/record.ts';
import { summariseTrials } from '../../api/record/summary.ts';
import { recordFixture, sampleFixture } from '../../api/record/testing/fixture.ts';
import { printResults, resultsJson } from './report.ts';
import type { RunResults } from './results.ts';

const slow = recordFixture();
const fast = recordFixture({ trialId: 'f'.repeat(16), cut: { ...slow.cut, name: 'conv2', layer: 'conv2' } });
const local = recordFixture({
  trialId: 'e'.repeat(16),
  cut: { ...slow.cut, name: 'LocalOnly', kind: 'LocalOnly', layer: null, tensors: [] },
  codec: null,
  link: null,
  remote: null,
});
const verdict = { result: 'Rejected', reason: 'LinkOutOfTolerance', message: 'uplink 1 Mbit/s' } as const;
const rejected = recordFixture({ block: 1, verdict });

function results(records: readonly VisitRecord[], totalMs: (record: VisitRecord) => number): RunResults {
  const samples = records.map((record) => ({
    visitId: record.visitId,
    attempt: record.attempt,
    samples: Array.from({ length: 5 }, (_, index) => sampleFixture(index, totalMs(record) + index / 10)),
  }));
  const objectives = ['LatencyP50'] as const;
  return {
    files: { results: 'out/results.jsonl', samples: 'out/samples.csv', summary: 'out/summary.csv' },
    rows: summariseTrials(records, samples, objectives),
    objectives,
    visits: { planned: 4, accepted: 3 },
    incomplete: [rejected],
  };
}

const all = results([slow, fast, local], ({ cut }) => ({ conv1: 40, conv2: 20, LocalOnly: 80 })[cut.name] ?? 0);

test('the table goes from fast to slow, and says what is best, what is missing and where the files are', () => {
  let text = '';
  printResults(all, { write: (part) => (text += part) });
  const lines = text.split('\n');
  const order = lines.filter((line) => /^\W*(conv1|conv2|LocalOnly) /.test(line)).map((line) => /\w+/.exec(line)?.[0]);
  assert.deepEqual(order, ['conv2', 'conv1', 'LocalOnly']);
  assert.match(text, /DigitsCnn, link wifi: end-to-end time/);
  assert.match(text, /conv2 .* 20\.2 /);
  assert.match(text, /best LatencyP50: conv2 Float32/);
  assert.match(text, /visit 0123456789abcdef-1 \(conv1, wifi\): Rejected, LinkOutOfTolerance: uplink 1 Mbit\/s/);
  assert.match(text, /3 of 4 visits accepted\nout\/results\.jsonl\nout\/samples\.csv\nout\/summary\.csv\n$/);
});

test('the fastest is named with the command that shows its trace, and with the receiver that has it', () => {
  const traces = { median: 'a'.repeat(32), slowest: 'b'.repeat(32) };
  const template = fast.latencyMilliseconds ?? assert.fail();
  const total = { count: 5, mean: 20, p50: 20, p50Low: null, p50High: null, p90: null, p99: null, min: 20, max: 20 };
  const traced = { ...fast, traces, latencyMilliseconds: { ...template, total } };
  const report = results([slow, traced, local], ({ cut }) => ({ conv1: 40, conv2: 20, LocalOnly: 80 })[cut.name] ?? 0);
  const trace = { command: (id: string) => `show ${id}`, receiver: 'http://jaeger:4318' };
  let text = '';
  printResults({ ...report, trace }, { write: (part) => (text += part) });
  const id = traces.median;
  const end = `(conv2 Float32 over wifi): show ${id}; sent to http://jaeger:4318 as trace ${id}\n`;
  assert.ok(text.endsWith(end), text);
  assert.equal(resultsJson(report).trace, id);
});

test('weights that are random are called so', () => {
  let text = '';
  const random = { ...slow, model: { ...slow.model, weights: 'Random' as const } };
  printResults(
    results([random], () => 10),
    { write: (part) => (text += part) },
  );
  assert.match(text, /DigitsCnn \(random weights\), link wifi/);
});

test('for programs: rows, files, counts, and the verdicts of what is incomplete', () => {
  const json = JSON.parse(JSON.stringify(resultsJson(all)));
  assert.deepEqual(json.visits, { planned: 4, accepted: 3 });
  assert.deepEqual(json.files, all.files);
  assert.deepEqual(json.incomplete, [{ visitId: rejected.visitId, attempt: 0, ...verdict }]);
  assert.equal(json.summary.length, 3);
  const row = json.summary.find(({ cut }: { cut: string }) => cut === 'conv2');
  assert.equal(row.totalP50Ms, 20.2);
});

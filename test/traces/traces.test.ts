import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { VisitRecord } from '../../api/record/record.ts';
import { startJaeger } from '../support/jaeger.ts';
import { startOtlpReceiver } from '../support/otlp.ts';
import type { ReceivedSpan } from '../support/spans.ts';
import { assertTrace, inferenceTraces, recordOf } from './check.ts';
import { type SampleRow, tracedRun } from './run.ts';

const full = process.env.SPLITLAB_TEST_FULL === '1';
/** Jaeger may have to be built first. */
const timeout = 1_800_000;

describe('Jaeger', { timeout }, () => {
  test('over HTTP: one trace per inference, its segments those of the record', async () => {
    await using receiver = await startJaeger();
    const { status, samples, records } = await tracedRun({ endpoint: receiver.endpoints.HttpProtobuf });
    assert.equal(status, 0);
    assertComplete(records, samples);
    const traces = inferenceTraces(await receiver.spans());
    assert.deepEqual([...traces.keys()].sort(), samples.map(({ traceId }) => traceId).sort());
    for (const sample of samples) assertTrace(traces.get(sample.traceId) ?? [], sample, recordOf(sample, records));
    for (const record of records.filter(isMeasured)) assertAttributes(traces.get(record.traces.slowest) ?? [], record);
  });

  test('over gRPC with samplePercent 0: the median and the slowest inference of each visit', async () => {
    await using receiver = await startJaeger();
    const telemetry = { endpoint: receiver.endpoints.Grpc, protocol: 'Grpc', samplePercent: 0 };
    const { status, samples, records } = await tracedRun(telemetry);
    assert.equal(status, 0);
    const traces = inferenceTraces(await receiver.spans());
    assertComplete(records, samples);
    const named = records.filter(isMeasured).map(({ visitId, attempt, traces }) => {
      const ofVisit = samples.filter((sample) => sample.visitId === visitId && sample.attempt === attempt);
      const byTime = ofVisit.toSorted((a, b) => a.totalMs - b.totalMs).map(({ traceId }) => traceId);
      assert.deepEqual([traces.median, traces.slowest], [byTime[2], byTime[4]]);
      return [traces.median, traces.slowest];
    });
    assert.deepEqual([...traces.keys()].sort(), named.flat().sort());
    for (const sample of samples) {
      const spans = traces.get(sample.traceId);
      if (spans) assertTrace(spans, sample, recordOf(sample, records));
    }
  });
});

for (const protocol of full ? ['HttpProtobuf', 'Grpc'] : ['HttpProtobuf']) {
  test(`a receiver that is away (${protocol}) loses spans and nothing else`, { timeout }, async () => {
    const endpoint = await (async () => {
      await using receiver = await startOtlpReceiver();
      return receiver.endpoints.HttpProtobuf;
    })();
    const { status, records, samples, localLog } = await tracedRun({ endpoint, protocol });
    assert.equal(status, 0);
    assertComplete(records, samples);
    const log = localLog
      .split('\n')
      .filter(Boolean)
      .map((line): unknown => JSON.parse(line));
    const said = log.filter((line) => typeof line === 'object' && line && 'endpoint' in line && 'msg' in line);
    assert.deepEqual(
      said.map((line) => Object(line).msg),
      ['the receiver of telemetry.endpoint takes no traces: they are dropped', 'spans were lost'],
    );
    // Of each inference the whole and its segments, and those of visits and of the worker on top.
    const least = samples.reduce((sum, { segments }) => sum + 1 + segments.length, 0);
    assert.ok(Object(said[1]).lost > least);
  });
}

type MeasuredRecord = VisitRecord & { readonly traces: NonNullable<VisitRecord['traces']> };

function isMeasured(record: VisitRecord): record is MeasuredRecord {
  return record.traces !== null;
}

/** Four trials in two blocks with five repetitions each; attempts that a busy machine spoilt are there as well. */
function assertComplete(records: readonly VisitRecord[], samples: readonly SampleRow[]): void {
  assert.equal(records.filter(({ verdict }) => verdict.result === 'Accepted').length, 8);
  assert.equal(samples.length, 5 * records.filter(isMeasured).length);
}

function assertAttributes(spans: readonly ReceivedSpan[], { visitId, verdict }: VisitRecord): void {
  const root = spans.find(({ parentSpanId }) => parentSpanId === '');
  assert.equal(root?.attributes['splitlab.visit.id'], visitId);
  assert.equal(root?.attributes['splitlab.experiment.name'], 'traced');
  assert.equal(root?.attributes['splitlab.verdict'], verdict.result);
  const instances = new Set(spans.map(({ resource }) => resource['service.instance.id']));
  const services = new Set(spans.map(({ resource }) => resource['service.name']));
  assert.equal(instances.size, services.size, 'each side is one instance');
  for (const { resource } of spans) {
    assert.equal(resource['service.namespace'], 'splitlab');
    assert.equal(resource['telemetry.sdk.language'], 'nodejs');
    for (const key of ['service.version', 'host.name']) assert.equal(typeof resource[key], 'string');
  }
}

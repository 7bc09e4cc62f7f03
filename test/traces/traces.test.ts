import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { VisitRecord } from '../../api/record/record.ts';
import { startJaeger } from '../support/jaeger.ts';
import { startOtlpReceiver } from '../support/otlp.ts';
import type { ReceivedSpan } from '../support/spans.ts';
import { type SampleRow, tracedRun } from './run.ts';

/** Building Jaeger takes minutes: by default a receiver of our own stands in its place. */
const full = process.env.SPLITLAB_TEST_FULL === '1';
const receivers = { 'an OTLP receiver': startOtlpReceiver, ...(full && { Jaeger: startJaeger }) };
const timeout = full ? 1_800_000 : 180_000;

for (const [name, start] of Object.entries(receivers)) {
  describe(name, { timeout }, () => {
    test('over HTTP: one trace per inference, its segments those of the record', async () => {
      await using receiver = await start();
      const { status, samples, records } = await tracedRun({ endpoint: receiver.endpoints.HttpProtobuf });
      assert.equal(status, 0);
      assertComplete(records, samples);
      const traces = Map.groupBy(await receiver.spans(), ({ traceId }) => traceId);
      assert.deepEqual([...traces.keys()].sort(), samples.map(({ traceId }) => traceId).sort());
      for (const sample of samples) assertTrace(traces.get(sample.traceId) ?? [], sample);
      for (const record of records.filter(isMeasured))
        assertAttributes(traces.get(record.traces.slowest) ?? [], record);
    });

    test('over gRPC with samplePercent 0: the median and the slowest inference of each visit', async () => {
      await using receiver = await start();
      const telemetry = { endpoint: receiver.endpoints.Grpc, protocol: 'Grpc', samplePercent: 0 };
      const { status, samples, records } = await tracedRun(telemetry);
      assert.equal(status, 0);
      const traces = Map.groupBy(await receiver.spans(), ({ traceId }) => traceId);
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
        if (spans) assertTrace(spans, sample);
      }
    });
  });
}

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
    const spans = samples.reduce((sum, { segments }) => sum + 1 + segments.length, 0);
    assert.deepEqual(
      said.map((line) => [Object(line).msg, Object(line).lost]),
      [
        ['the receiver of telemetry.endpoint takes no traces: they are dropped', undefined],
        ['spans were lost', spans],
      ],
    );
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

/** Times in Jaeger and here come in nanoseconds, written from doubles that resolve 0.24 us. */
const nearMs = 0.001;

/** The root over all of it; its children follow each other without a gap and take as long as the sample says. */
function assertTrace(spans: readonly ReceivedSpan[], sample: SampleRow): void {
  const where = `${sample.visitId} repetition ${sample.repetition}`;
  const [root, ...others] = spans.filter(({ parentSpanId }) => parentSpanId === '');
  assert.ok(root && others.length === 0, `${where}: one root`);
  assert.equal(root.name, 'inference');
  assert.equal(root.resource['service.name'], 'splitlab-local');
  assert.equal(root.attributes['splitlab.visit.id'], sample.visitId);
  assert.equal(root.attributes['splitlab.repetition'], sample.repetition);
  assertLength(root, sample.totalMs, where);
  assert.equal(spans.length, 1 + sample.segments.length, `${where}: as many children as segments`);
  assert.equal(new Set(spans.map(({ spanId }) => spanId)).size, spans.length);
  let end = root.startNs;
  for (const [name, ms] of sample.segments) {
    const child = spans.find((span) => span.name === name);
    assert.ok(child, `${where}: a span ${name}`);
    assert.equal(child.parentSpanId, root.spanId);
    assert.equal(child.startNs, end, `${where}: ${name} begins where the one before ended`);
    assertLength(child, ms, `${where} ${name}`);
    assert.ok(Math.abs(Number(child.attributes['splitlab.ms']) - ms) < nearMs);
    const side = ['remoteWait', 'decode', 'tail'].includes(name) ? 'remote' : 'local';
    assert.equal(child.resource['service.name'], `splitlab-${side}`, `${where} ${name}`);
    end = child.endNs;
  }
  assert.equal(end, root.endNs, `${where}: the last segment ends with the whole`);
}

function assertLength({ startNs, endNs }: ReceivedSpan, ms: number, where: string): void {
  const lengthMs = Number(endNs - startNs) / 1e6;
  assert.ok(Math.abs(lengthMs - ms) <= nearMs, `${where}: ${lengthMs} ms, recorded ${ms} ms`);
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

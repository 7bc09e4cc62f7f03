import assert from 'node:assert/strict';
import type { VisitRecord } from '../../api/record/record.ts';
import type { TraceContext } from '../../api/trace/context.ts';
import { visitContext } from '../../api/trace/identity.ts';
import type { ReceivedSpan } from '../support/spans.ts';
import { assertKnown, named } from './check.ts';
import type { SampleRow } from './run.ts';

/** One attempt is a trace: its phases lie inside it, one after the other. `spans`: everything that was received. */
export function assertVisit(spans: readonly ReceivedSpan[], record: VisitRecord): void {
  const { experiment, visitId, attempt, link, verdict } = record;
  const context = visitContext(experiment.uid, visitId, attempt);
  const trace = spans.filter(({ traceId }) => traceId === context.traceId);
  assertKnown(trace);
  const root = trace.find(({ spanId }) => spanId === context.spanId);
  assert.ok(root && root.name === 'visit' && root.parentSpanId === '', visitId);
  assert.equal(root.attributes['splitlab.verdict'], verdict.result);
  const phases = trace.filter(({ parentSpanId }) => parentSpanId === root.spanId);
  let end = root.startNs;
  for (const phase of phases) {
    assert.ok(phase.startNs >= end && phase.endNs >= phase.startNs, `${visitId} ${phase.name}`);
    end = phase.endNs;
  }
  assert.equal(end, root.endNs);
  const names = new Set(phases.map(({ name }) => name));
  for (const name of ['evaluation', 'sessions', 'warmup', 'repetitions', 'store'])
    assert.ok(names.has(`visit.${name}`), name);
  assert.equal(names.has('visit.clock_before'), link !== null);
  for (const load of trace.filter(({ name }) => name === 'session.load')) {
    const sessions = named(phases, 'visit.sessions', visitId);
    assert.ok(load.startNs >= sessions.startNs && load.endNs <= sessions.endNs);
  }
}

/** One attempt leads to its experiment, and to its inferences, which lie inside its repetitions. */
export function assertVisitLinks(
  spans: readonly ReceivedSpan[],
  { experiment: { uid }, visitId, attempt }: VisitRecord,
  samples: readonly SampleRow[],
  experiment: TraceContext,
): void {
  const { spanId } = visitContext(uid, visitId, attempt);
  const root = spans.find((span) => span.spanId === spanId);
  assert.ok(root, visitId);
  const phases = spans.filter(({ parentSpanId }) => parentSpanId === spanId);
  const repetitions = named(phases, 'visit.repetitions', visitId);
  const [first, ...inferences] = root.links;
  assert.deepEqual(first, { traceId: experiment.traceId, spanId: experiment.spanId });
  const ofVisit = samples.filter((sample) => sample.visitId === visitId && sample.attempt === attempt);
  assert.deepEqual(inferences.map(({ traceId }) => traceId).sort(), ofVisit.map(({ traceId }) => traceId).sort());
  for (const link of inferences) {
    const inference = spans.find((span) => span.spanId === link.spanId && span.traceId === link.traceId);
    assert.ok(inference && inference.name === 'inference');
    assert.ok(inference.startNs >= repetitions.startNs && inference.endNs <= repetitions.endNs);
  }
}

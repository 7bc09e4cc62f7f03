import type { VisitRecord } from '../../api/record/record.ts';
import type { Attributes } from '../../api/telemetry/attributes.ts';
import type { SpanName } from '../../api/telemetry/spans.ts';
import { newSpanId, type TraceContext } from '../../api/trace/context.ts';
import { visitContext } from '../../api/trace/identity.ts';
import { type PhaseEnd, type Phases, phaseEnds } from '../local/phases.ts';
import { inside, type Parent, type SpanDescription } from './spans.ts';

/** One recorded attempt at a visit. */
export interface TracedVisit {
  readonly record: VisitRecord;
  readonly phases: Phases;
  /** Those whose spans are sent. */
  readonly inferences: readonly TraceContext[];
  readonly experiment: TraceContext;
}

/** What OpenTelemetry's SDKs keep of a span's links by default. */
const mostLinks = 128;

const names: Readonly<Record<PhaseEnd, SpanName>> = {
  ready: 'visit.wait',
  evaluated: 'visit.evaluation',
  opened: 'visit.sessions',
  linkReady: 'visit.link',
  warmedUp: 'visit.warmup',
  clockBefore: 'visit.clock_before',
  linkBefore: 'visit.link_before',
  repeated: 'visit.repetitions',
  usageRead: 'visit.usage',
  clockAfter: 'visit.clock_after',
  linkAfter: 'visit.link_after',
  closed: 'visit.close',
  stored: 'visit.store',
};
/** What has no meaning where nothing crosses a link. */
const ofLinks: ReadonlySet<PhaseEnd> = new Set([
  'ready',
  'linkReady',
  'clockBefore',
  'linkBefore',
  'clockAfter',
  'linkAfter',
]);

/**
 * The spans of an attempt: the root `visit` and its phases one after the other; the one that failed says so. `epochMs`
 * is the wall-clock time at which the local monotonic clock stood at 0.
 */
export function visitSpans(visit: TracedVisit, epochMs: number): readonly SpanDescription[] {
  const { record, phases, inferences, experiment } = visit;
  const { traceId, spanId } = visitContext(record.experiment.uid, record.visitId, record.attempt);
  const linked = inferences.slice(0, mostLinks - 1);
  const root: SpanDescription = {
    name: 'visit',
    traceId,
    spanId,
    parentSpanId: null,
    startTimeMs: epochMs + phases.startedMs,
    endTimeMs: epochMs + Math.max(phases.startedMs, phases.failedMs ?? 0, ...Object.values(phases.endedMs)),
    side: 'local',
    attributes: attributesOf(record, inferences.length - linked.length),
    links: [experiment, ...linked],
    ...(record.verdict.result !== 'Accepted' && { error: record.verdict.message }),
  };
  return [root, ...phaseSpans(root, visit, epochMs)];
}

function phaseSpans(root: SpanDescription, { record, phases }: TracedVisit, epochMs: number): SpanDescription[] {
  const { endedMs, failedMs } = phases;
  const spans: SpanDescription[] = [];
  let startMs = phases.startedMs;
  let hasFailed = failedMs === undefined;
  for (const end of phaseEnds) {
    const ended = endedMs[end];
    const endMs = ended ?? (hasFailed ? undefined : failedMs);
    if (endMs === undefined) continue;
    const error = ended === undefined ? record.verdict.message : null;
    hasFailed ||= ended === undefined;
    const from = startMs;
    startMs = endMs;
    if (record.link === null && ofLinks.has(end)) continue;
    const span = child(root, names[end], epochMs + from, epochMs + endMs);
    spans.push(error === null ? span : { ...span, error });
    if (end === 'opened') spans.push(...loadSpans(span, phases, epochMs));
  }
  return spans;
}

/** Each side tells how long its runtime took, and the local one knows when it heard so. */
function loadSpans(parent: Parent, { loadMs, loadedMs }: Phases, epochMs: number): SpanDescription[] {
  return (['local', 'remote'] as const).flatMap((side) => {
    const endMs = loadedMs?.[side];
    if (endMs === undefined || !loadMs) return [];
    const { startTimeMs, endTimeMs } = inside(parent, epochMs + endMs - loadMs[side], epochMs + endMs);
    return [{ ...child(parent, 'session.load', startTimeMs, endTimeMs), side }];
  });
}

function child(parent: Parent, name: SpanName, startTimeMs: number, endTimeMs: number): SpanDescription {
  const { traceId, spanId: parentSpanId } = parent;
  return { name, traceId, spanId: newSpanId(), parentSpanId, startTimeMs, endTimeMs, side: 'local', attributes: {} };
}

function attributesOf(record: VisitRecord, leftOut: number): Attributes {
  const { experiment, cut, codec, link, verdict } = record;
  return {
    'splitlab.experiment.name': experiment.name,
    'splitlab.experiment.namespace': experiment.namespace,
    'splitlab.experiment.uid': experiment.uid,
    'splitlab.visit.id': record.visitId,
    'splitlab.trial.id': record.trialId,
    'splitlab.block': record.block,
    'splitlab.attempt': record.attempt,
    'splitlab.verdict': verdict.result,
    'splitlab.reason': verdict.reason,
    'splitlab.model.name': record.model.name,
    'splitlab.cut.name': cut.name,
    'splitlab.cut.kind': cut.kind,
    'splitlab.transfer': record.transfer,
    'splitlab.batch_size': record.batchSize,
    'splitlab.codec.type': codec?.type,
    'splitlab.codec.compression': codec?.compression,
    'splitlab.link.name': link?.name,
    'splitlab.links.left_out': leftOut > 0 ? leftOut : undefined,
  };
}

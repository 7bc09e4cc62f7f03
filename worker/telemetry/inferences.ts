import type { LinkBursts } from '../../api/messages/link.ts';
import type { VisitRecord } from '../../api/record/record.ts';
import { type ExperimentScope, subjects } from '../../api/subjects.ts';
import { visitContext } from '../../api/trace/identity.ts';
import type { Burst } from '../link/bursts.ts';
import type { Measured } from '../local/ideal.ts';
import type { MeasuredVisit } from '../local/record.ts';
import type { TracedInference } from '../measure/inference-spans.ts';
import { inferenceAttributes } from './attributes.ts';

/** What traces say of each repetition of a recorded visit, in order. */
export function tracedInferences(
  scope: ExperimentScope,
  record: VisitRecord,
  { measured, measurement }: MeasuredVisit,
): readonly TracedInference[] {
  const { clock, linkStatus } = measurement;
  const bursts = linkStatus?.bursts;
  const seen = { uplink: burstsOf(bursts?.uplink), downlink: burstsOf(bursts?.downlink) };
  const { up, down } = subjects(scope);
  const destinations = { uplink: up(record.lane), downlink: down(record.lane) };
  const visit = visitContext(scope.uid, record.visitId, record.attempt);
  return measured.map((one): TracedInference => {
    const { index, trace } = one.repetition;
    return {
      context: trace,
      attributes: inferenceAttributes(record, index),
      links: [visit],
      segments: one.segments,
      busy: record.transfer === 'Pipelined' ? one.busy : null,
      clock,
      crossings: crossingsOf(one, destinations, seen),
    };
  });
}

type PerWay<T> = { readonly uplink: T; readonly downlink: T };

function crossingsOf(
  { repetition }: Measured,
  subjectOf: PerWay<string>,
  bursts: PerWay<readonly Burst[]>,
): TracedInference['crossings'] {
  const bytes = repetition.arrival.bytes.exchange;
  if (!bytes) return null;
  const { encoded, reply, applicationUp, applicationDown } = bytes;
  return {
    uplink: { subject: subjectOf.uplink, bodyBytes: encoded, envelopeBytes: applicationUp, bursts: bursts.uplink },
    downlink: {
      subject: subjectOf.downlink,
      bodyBytes: reply,
      envelopeBytes: applicationDown,
      bursts: bursts.downlink,
    },
  };
}

/** The emulator's message has a column for each figure. */
function burstsOf(columns: LinkBursts['uplink'] | undefined): readonly Burst[] {
  if (!columns) return [];
  return columns.firstInMs.map((firstInMs, index) => ({
    firstInMs,
    lastInMs: columns.lastInMs[index] ?? firstInMs,
    lastServedMs: columns.lastServedMs[index] ?? firstInMs,
    lastDeliveredMs: columns.lastDeliveredMs[index] ?? null,
    payloadBytes: columns.payloadBytes[index] ?? 0,
    queuePeakBytes: columns.queuePeakBytes[index] ?? 0,
  }));
}

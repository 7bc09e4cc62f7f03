import type { Attributes } from '../../api/telemetry/attributes.ts';
import { newSpanId, type TraceContext } from '../../api/trace/context.ts';
import { type Crossing, linkSpans } from './link-spans.ts';
import type { BusyIntervals, Interval, Segment } from './segments.ts';
import { inside, type SpanDescription } from './spans.ts';

/** One inference as its trace tells it, in milliseconds of the local clock. */
export interface TracedInference {
  /** The trace of this inference and the span that stands for all of it. */
  readonly context: TraceContext;
  /** What the root span says about the inference: visit, trial, cut, codec, repetition, ... */
  readonly attributes: Attributes;
  readonly links?: SpanDescription['links'];
  readonly segments: readonly Segment[];
  /** Where the segments do not tell it, since encoding, sending and decoding overlap. */
  readonly busy: BusyIntervals | null;
  /** Null where there is no remote side, or no clock to place it with. */
  readonly clock: { readonly offsetMs: number; readonly uncertaintyMs: number } | null;
  /** The bytes that went each way; null for LocalOnly. */
  readonly crossings: { readonly uplink: Crossing; readonly downlink: Crossing } | null;
}

const busyParts = [
  ['busy.encode', 'encode', 'local'],
  ['busy.transfer', 'transfer', 'link'],
  ['busy.decode', 'decode', 'remote'],
] as const;

/**
 * The spans of one inference: the root `inference`; one child per segment, in order, which partition it; and inside it
 * what the segments cannot tell. `epochMs` is the wall-clock time at which the local monotonic clock stood at 0. Each
 * span says where it happened and how long it took: a segment that the clock's error makes negative, which a span
 * cannot be, is an empty span at its end.
 */
export function inferenceSpans(
  { context, attributes, links, segments, busy, clock, crossings }: TracedInference,
  epochMs: number,
  nextSpanId: () => string = newSpanId,
): readonly SpanDescription[] {
  const { traceId, spanId } = context;
  const startMs = segments[0]?.startMs ?? 0;
  const endMs = segments.at(-1)?.endMs ?? startMs;
  const [startTimeMs, endTimeMs] = [epochMs + startMs, epochMs + endMs];
  const root: SpanDescription = {
    name: 'inference',
    traceId,
    spanId,
    parentSpanId: null,
    startTimeMs,
    endTimeMs,
    side: 'local',
    attributes,
    ...(links && { links }),
  };
  const own = (side: SpanDescription['side'], lengthMs: number): Attributes => ({
    'splitlab.side': side,
    'splitlab.ms': lengthMs,
    'splitlab.clock.offset_us': side !== 'local' && clock ? clock.offsetMs * 1e3 : undefined,
    'splitlab.clock.uncertainty_us': side !== 'local' && clock ? clock.uncertaintyMs * 1e3 : undefined,
  });
  const children = segments.flatMap((segment): readonly SpanDescription[] => {
    const { name, side } = segment;
    const crossing = name === 'uplink' || name === 'downlink' ? crossings?.[name] : undefined;
    const child: SpanDescription = {
      name,
      traceId,
      spanId: nextSpanId(),
      parentSpanId: spanId,
      startTimeMs: epochMs + Math.min(segment.startMs, segment.endMs),
      endTimeMs: epochMs + segment.endMs,
      side,
      attributes: { ...own(side, segment.endMs - segment.startMs), ...(crossing && carried(crossing)) },
    };
    if (!crossing) return [child];
    const window = { ...segment, beginMs: startMs, uncertaintyMs: clock?.uncertaintyMs ?? 0 };
    return [child, ...linkSpans(child, crossing.bursts, window, epochMs, nextSpanId)];
  });
  const overlapping = busyParts.flatMap(([name, part, side]): readonly SpanDescription[] => {
    const interval: Interval | undefined = busy?.[part];
    if (!interval) return [];
    const { isClipped, ...times } = inside(root, epochMs + interval.startMs, epochMs + interval.endMs);
    const said: Attributes = {
      ...own(side, interval.endMs - interval.startMs),
      'splitlab.clipped': isClipped || undefined,
    };
    return [{ name, traceId, spanId: nextSpanId(), parentSpanId: spanId, ...times, side, attributes: said }];
  });
  return [root, ...children, ...overlapping];
}

function carried({ subject, bodyBytes, envelopeBytes }: Crossing): Attributes {
  return {
    'messaging.system': 'nats',
    'messaging.operation.type': 'send',
    'messaging.operation.name': 'publish',
    'messaging.destination.name': subject,
    'messaging.message.body.size': bodyBytes,
    'messaging.message.envelope.size': envelopeBytes,
  };
}

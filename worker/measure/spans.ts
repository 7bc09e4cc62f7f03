import type { Attributes } from '../../api/telemetry/attributes.ts';
import type { SpanName } from '../../api/telemetry/spans.ts';
import { newSpanId, type TraceContext } from '../../api/trace/context.ts';
import type { Segment } from './segments.ts';

/** A finished span, ready to be exported. Times are milliseconds since 1970 with a fraction. */
export interface SpanDescription {
  readonly name: SpanName;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | null;
  readonly startTimeMs: number;
  readonly endTimeMs: number;
  /** Where it happened: spans of the remote side are of its resource, all others of the local worker's. */
  readonly side: 'local' | 'link' | 'remote';
  readonly attributes: Attributes;
  readonly events?: readonly { readonly name: string; readonly timeMs: number; readonly attributes?: Attributes }[];
  /** Spans of other traces that belong to this one. */
  readonly links?: readonly Pick<TraceContext, 'traceId' | 'spanId'>[];
  /** Why what it stands for failed. */
  readonly error?: string;
}

export interface InferenceIdentity {
  /** The trace of this inference and the span that stands for all of it. */
  readonly context: TraceContext;
  /** What the root span says about the inference: visit, trial, cut, codec, repetition, ... */
  readonly attributes: Attributes;
}

/**
 * The spans of one inference: the root `inference` and one child per segment, in order. `epochMs` is the wall-clock
 * time at which the local monotonic clock stood at 0. Each child says where it happened (`splitlab.side`: `local`,
 * `link`, `remote`) and how long it took (`splitlab.ms`): a segment that the clock's error makes negative, which a span
 * cannot be, is an empty span at its end.
 */
export function describeSpans(
  { context, attributes }: InferenceIdentity,
  segments: readonly Segment[],
  epochMs: number,
  nextSpanId: () => string = newSpanId,
): readonly SpanDescription[] {
  const { traceId, spanId } = context;
  const startMs = segments[0]?.startMs ?? 0;
  const endMs = segments.at(-1)?.endMs ?? startMs;
  const root: SpanDescription = {
    name: 'inference',
    traceId,
    spanId,
    parentSpanId: null,
    startTimeMs: epochMs + startMs,
    endTimeMs: epochMs + endMs,
    side: 'local',
    attributes,
  };
  const children = segments.map((segment): SpanDescription => {
    const lengthMs = segment.endMs - segment.startMs;
    return {
      name: segment.name,
      traceId,
      spanId: nextSpanId(),
      parentSpanId: spanId,
      startTimeMs: epochMs + Math.min(segment.startMs, segment.endMs),
      endTimeMs: epochMs + segment.endMs,
      side: segment.side,
      attributes: { 'splitlab.side': segment.side, 'splitlab.ms': lengthMs },
    };
  });
  return [root, ...children];
}

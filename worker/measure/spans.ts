import type { Attributes } from '../../api/telemetry/attributes.ts';
import type { SpanName } from '../../api/telemetry/spans.ts';
import type { TraceContext } from '../../api/trace/context.ts';

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

/** What the children of a span have from it: the trace, and that they lie inside it. */
export type Parent = Pick<SpanDescription, 'traceId' | 'spanId' | 'startTimeMs' | 'endTimeMs'>;

/**
 * Start and end of a child that lies inside its parent, at whose edges it is cut off, and whether it was. A span that
 * would end before it starts, which is what an error of the clock may make of a short one, is empty at its end.
 */
export function inside(
  parent: Parent,
  startTimeMs: number,
  endTimeMs: number,
): { readonly startTimeMs: number; readonly endTimeMs: number; readonly isClipped: boolean } {
  const within = (ms: number) => Math.min(Math.max(ms, parent.startTimeMs), parent.endTimeMs);
  const [start, end] = [within(Math.min(startTimeMs, endTimeMs)), within(endTimeMs)];
  return {
    startTimeMs: start,
    endTimeMs: end,
    isClipped: start > Math.min(startTimeMs, endTimeMs) || end !== endTimeMs,
  };
}

import type { Attributes } from '../../api/telemetry/attributes.ts';
import type { SpanName } from '../../api/telemetry/spans.ts';
import type { TraceContext } from '../../api/trace/context.ts';

/** Something that is over, as a span. Times are milliseconds since 1970. */
export interface FinishedSpan {
  readonly name: SpanName;
  readonly context: TraceContext;
  readonly parent: TraceContext | null;
  readonly startTimeMs: number;
  readonly endTimeMs: number;
  readonly attributes: Attributes;
  /** Why what it stands for failed. */
  readonly error?: string;
}

/** Takes spans; never waits and never throws. */
export interface Tracing {
  tell(span: FinishedSpan): void;
}

export const noTracing: Tracing = { tell() {} };

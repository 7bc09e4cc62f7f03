import type { TraceContext } from '../../api/trace/context.ts';

export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** Something that is over, as a span. Times are milliseconds since 1970. */
export interface FinishedSpan {
  readonly name: string;
  readonly context: TraceContext;
  readonly parent: TraceContext | null;
  readonly startTimeMs: number;
  readonly endTimeMs: number;
  readonly attributes: SpanAttributes;
  /** Why what it stands for failed. */
  readonly error?: string;
}

/** Takes spans; never waits and never throws. */
export interface Tracing {
  tell(span: FinishedSpan): void;
}

export const noTracing: Tracing = { tell() {} };

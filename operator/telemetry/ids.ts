import type { IdGenerator } from '@opentelemetry/sdk-trace';
import { newSpanId, newTrace, type TraceContext } from '../../api/trace/context.ts';

/** Identifiers for the SDK: random ones, but for a span that others know by name already. */
export class SpanIds implements IdGenerator {
  #next: TraceContext | null = null;

  generateTraceId(): string {
    return this.#next?.traceId ?? newTrace(true).traceId;
  }

  generateSpanId(): string {
    return this.#next?.spanId ?? newSpanId();
  }

  /** The one span that is started within `start` gets these identifiers. */
  named<T>(context: TraceContext, start: () => T): T {
    this.#next = context;
    try {
      return start();
    } finally {
      this.#next = null;
    }
  }
}

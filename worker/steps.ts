import type { Attributes } from '../api/telemetry/attributes.ts';
import { newSpanId, type TraceContext } from '../api/trace/context.ts';
import { monotonicEpochMs, monotonicMs } from './measure/now.ts';
import type { SpanDescription } from './measure/spans.ts';

/** Something that was done before the first visit, or around all of them. Times are of the monotonic clock. */
export interface Step {
  readonly name: 'model.fetch' | 'plan' | 'lane';
  readonly startedMs: number;
  readonly endedMs: number;
  readonly attributes: Attributes;
  readonly error?: string;
}

/** Does some work and tells how long it took, also where it fails. */
export async function timedStep<T>(
  name: Step['name'],
  onStep: ((step: Step) => void) | undefined,
  work: () => Promise<T>,
  attributesOf: (result: T) => Attributes | Promise<Attributes>,
): Promise<T> {
  const startedMs = monotonicMs();
  try {
    const result = await work();
    const endedMs = monotonicMs();
    if (onStep) onStep({ name, startedMs, endedMs, attributes: await attributesOf(result) });
    return result;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    onStep?.({ name, startedMs, endedMs: monotonicMs(), attributes: {}, error: message.slice(0, 1_000) });
    throw error;
  }
}

/** Steps as children of a span; `about` stands on each. */
export function stepSpans(parent: TraceContext, about: Attributes, steps: readonly Step[]): SpanDescription[] {
  const epochMs = monotonicEpochMs();
  return steps.map(({ name, startedMs, endedMs, attributes, error }) => ({
    name,
    traceId: parent.traceId,
    spanId: newSpanId(),
    parentSpanId: parent.spanId,
    startTimeMs: epochMs + startedMs,
    endTimeMs: epochMs + endedMs,
    side: 'local',
    attributes: { ...about, ...attributes },
    ...(error !== undefined && { error }),
  }));
}

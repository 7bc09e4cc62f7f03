import { SpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { presentAttributes } from '../../api/telemetry/attributes.ts';
import { toolVersion } from '../../api/version.ts';
import type { SpanDescription } from '../measure/spans.ts';

const unset = { code: SpanStatusCode.UNSET };
const scope = { name: 'splitlab', version: toolVersion };

/**
 * A span in the form that exporters take. It is written down and not recorded by a tracer: its identifiers travelled
 * with the inference, and its times were known only when both sides' marks lay on one axis.
 */
export function finishedSpan(span: SpanDescription, resource: Resource): ReadableSpan {
  const { traceId, spanId, parentSpanId } = span;
  const context = { traceId, spanId, traceFlags: TraceFlags.SAMPLED };
  const startTime = hrTime(span.startTimeMs);
  const endTime = hrTime(span.endTimeMs);
  return {
    name: span.name,
    kind: SpanKind.INTERNAL,
    spanContext: () => context,
    ...(parentSpanId !== null && { parentSpanContext: { ...context, spanId: parentSpanId } }),
    startTime,
    endTime,
    duration: hrTime(span.endTimeMs - span.startTimeMs),
    ended: true,
    status: span.error === undefined ? unset : { code: SpanStatusCode.ERROR, message: span.error },
    attributes: presentAttributes(span.attributes),
    links: (span.links ?? []).map((link) => ({ context: { ...link, traceFlags: TraceFlags.SAMPLED } })),
    events: (span.events ?? []).map(({ name, timeMs, attributes = {} }) => ({
      name,
      time: hrTime(timeMs),
      attributes: presentAttributes(attributes),
      droppedAttributesCount: 0,
    })),
    resource,
    instrumentationScope: scope,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

/** Seconds and nanoseconds; a double of milliseconds since 1970 resolves 0.24 us. */
export function hrTime(ms: number): [number, number] {
  const nanoseconds = Math.round((ms % 1e3) * 1e6);
  const seconds = Math.floor(ms / 1e3);
  return nanoseconds === 1e9 ? [seconds + 1, 0] : [seconds, nanoseconds];
}

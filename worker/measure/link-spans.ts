import type { Attributes } from '../../api/telemetry/attributes.ts';
import type { LinkSpanName } from '../../api/telemetry/spans.ts';
import type { Burst } from '../link/bursts.ts';
import { inside, type SpanDescription } from './spans.ts';

/** What went one way in an inference. */
export interface Crossing {
  readonly subject: string;
  /** Of the frame. */
  readonly bodyBytes: number;
  /** At the socket, with what NATS adds. */
  readonly envelopeBytes: number;
  /** What the emulator saw in this direction during the visit, in order; empty without one. */
  readonly bursts: readonly Burst[];
}

/** One way of one inference, in milliseconds of the local clock. */
export interface Window {
  /** The inference began; times are told from here. */
  readonly beginMs: number;
  readonly startMs: number;
  readonly endMs: number;
  /** How far either end may be off. */
  readonly uncertaintyMs: number;
}

/**
 * The emulator's own view of one way, as children of its span: what waited for the rate of the link, then what was under
 * way. Emulator and local worker share a host and its clock. Of the bursts that came in this window those count that also
 * arrived in it: NATS' own messages, a PONG behind a tensor, arrive later. Where one is part of the tensor's burst its
 * bytes count too. The clock's error may put the window beside its bursts: spans are cut off at their parent's edges,
 * and the raw times are attributes. None without a burst.
 */
export function linkSpans(
  parent: SpanDescription,
  bursts: readonly Burst[],
  { beginMs, startMs, endMs, uncertaintyMs }: Window,
  epochMs: number,
  nextSpanId: () => string,
): readonly SpanDescription[] {
  const came = bursts.filter((burst) => burst.lastInMs >= startMs - uncertaintyMs && burst.firstInMs <= endMs);
  const arrived = came.filter(({ lastDeliveredMs }) => (lastDeliveredMs ?? Infinity) <= endMs + uncertaintyMs);
  const own = arrived.length > 0 ? arrived : came.slice(0, 1);
  const [first, last] = [own[0], own.at(-1)];
  if (!first || !last || last.lastDeliveredMs === null) return [];
  const { lastDeliveredMs } = last;
  const attributes: Attributes = {
    'splitlab.side': 'link',
    'splitlab.link.bursts': own.length,
    'splitlab.link.payload': own.reduce((sum, { payloadBytes }) => sum + payloadBytes, 0),
    'splitlab.link.queue_peak': Math.max(...own.map(({ queuePeakBytes }) => queuePeakBytes)),
    'splitlab.link.first_in_ms': first.firstInMs - beginMs,
    'splitlab.link.last_in_ms': last.lastInMs - beginMs,
    'splitlab.link.last_served_ms': last.lastServedMs - beginMs,
    'splitlab.link.last_delivered_ms': lastDeliveredMs - beginMs,
  };
  const child = (name: LinkSpanName, fromMs: number, toMs: number): SpanDescription => {
    const { isClipped, ...times } = inside(parent, epochMs + fromMs, epochMs + toMs);
    return {
      name,
      traceId: parent.traceId,
      spanId: nextSpanId(),
      parentSpanId: parent.spanId,
      ...times,
      side: 'link',
      attributes: { ...attributes, 'splitlab.ms': toMs - fromMs, 'splitlab.clipped': isClipped || undefined },
    };
  };
  return [
    child('link.queue', first.firstInMs, last.lastServedMs),
    child('link.transit', last.lastServedMs, lastDeliveredMs),
  ];
}

import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import type { Logger } from 'pino';
import type { SpanTally } from '../../api/messages/spans.ts';
import { longestReason, reasonOf } from '../../meters/reason.ts';
import { within } from '../../meters/within.ts';
import { monotonicMs } from '../measure/now.ts';

/** Some 0.7 MB: receivers refuse messages of more than 4 MB. */
const batchSize = 2_048;
/** Within the time that a worker is given to end in. */
const closeTimeoutMs = 3_000;
/** How long a receiver that failed is left alone: attempts would disturb what is being measured meanwhile. */
const pauseMs = 10_000;

export interface DeliveryOptions {
  readonly endpoint: string;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  /** Milliseconds of a monotonic clock. */
  readonly now?: () => number;
  /** Told of spans whose sending has ended, and whether they arrived. */
  readonly onSettled?: (spans: number, arrived: boolean) => void;
}

export interface Delivery {
  /** Sends as soon as a batch is full. */
  add(span: ReadableSpan): void;
  /** Sends what was added so far; what comes of it is only logged. */
  flush(): void;
  /** A receiver that takes a batch may reject some of its spans: told of each time before that batch counts as taken. */
  reject(spans: number, reason: string): void;
  /** Sends the rest, waits up to 3 s for all that is on its way, logs and gives how many spans arrived and were lost. */
  close(): Promise<SpanTally>;
}

/**
 * Hands batches to an exporter at the moment its caller chooses (the SDK's batch processor would choose its own, in the
 * middle of a measurement) and keeps account of each span. What cannot be delivered is dropped: the exporter bounds how
 * many batches are on their way and how long each is tried.
 */
export function openDelivery(
  exporter: SpanExporter,
  { endpoint, log, now = monotonicMs, onSettled = () => {} }: DeliveryOptions,
): Delivery {
  let batch: ReadableSpan[] = [];
  let added = 0;
  let delivered = 0;
  /** Of batches that do not count as taken yet. */
  let rejected = 0;
  let pausedUntilMs = Number.NEGATIVE_INFINITY;
  let reason: string | null = null;

  function failed(error: unknown): void {
    pausedUntilMs = now() + pauseMs;
    if (reason !== null) return;
    reason = reasonOf(error);
    log.warn({ endpoint, reason }, 'the receiver of telemetry.endpoint takes no traces: they are dropped');
  }

  function flush(): void {
    const spans = batch;
    batch = [];
    if (spans.length === 0) return;
    if (now() < pausedUntilMs) {
      onSettled(spans.length, false);
      return;
    }
    try {
      exporter.export(spans, ({ code, error }) => {
        // What was rejected of this batch was told just before.
        const taken = code === 0 ? Math.max(0, spans.length - rejected) : 0;
        rejected = 0;
        delivered += taken;
        if (taken > 0) onSettled(taken, true);
        if (taken < spans.length) onSettled(spans.length - taken, false);
        if (code !== 0) failed(error);
      });
    } catch (error) {
      onSettled(spans.length, false);
      failed(error);
    }
  }

  return {
    add(span) {
      added++;
      batch.push(span);
      if (batch.length >= batchSize) flush();
    },
    flush,
    reject(spans, why) {
      rejected += spans;
      if (reason !== null) return;
      reason = `the receiver rejected some${why === '' ? '' : `: ${why}`}`.slice(0, longestReason);
      log.warn({ endpoint, spans, reason }, 'the receiver of telemetry.endpoint takes some spans and rejects others');
    },
    async close() {
      flush();
      await within(closeTimeoutMs, exporter.shutdown().catch(failed));
      const lost = added - delivered;
      if (lost > 0) log.warn({ endpoint, delivered, lost }, 'spans were lost');
      else log.info({ endpoint, delivered }, 'spans sent');
      return { delivered, lost, reason: lost > 0 ? (reason ?? `no answer within ${closeTimeoutMs} ms`) : null };
    },
  };
}

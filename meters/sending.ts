import type { PushMetricExporter } from '@opentelemetry/sdk-metrics';
import { resourceMetrics } from './producer.ts';
import { reasonOf } from './reason.ts';
import type { Registry } from './registry.ts';
import { within } from './within.ts';

/** A receiver that failed is left alone for so long. */
const pauseMs = 60_000;
/** Receivers that have no way for metrics, such as Jaeger: they are not asked again. */
const refusals: ReadonlySet<unknown> = new Set([404, 405, 415, 501, 12]);

export interface SendingOptions {
  readonly log: Readonly<Record<'info' | 'warn', (fields: object, message: string) => void>>;
  /** Between two sendings, in milliseconds; a flush that comes sooner is left out. */
  readonly atLeastMs: number;
  /** For the last sending, in milliseconds. */
  readonly closeTimeoutMs: number;
  /** Milliseconds of a monotonic clock. */
  readonly now?: () => number;
}

/** Sends a registry when its owner says so; a receiver that is away is logged once and costs nothing else. */
export interface Sending {
  flush(): void;
  /** Sends the last state and waits for that as long as allowed; never rejects. */
  close(): Promise<void>;
}

/**
 * Hands snapshots to an exporter at moments that its caller chooses: the SDK's periodic reader has a timer of its own,
 * which would fire in the middle of a measurement.
 */
export function openSending(registry: Registry, exporter: PushMetricExporter, options: SendingOptions): Sending {
  const { log, atLeastMs, closeTimeoutMs, now = () => performance.now() } = options;
  let nextMs = Number.NEGATIVE_INFINITY;
  let hasFailed = false;
  let isRefused = false;
  let onItsWay: Promise<void> | null = null;

  function failed(error: unknown): void {
    nextMs = now() + pauseMs;
    isRefused = refusals.has(error instanceof Error && 'code' in error ? error.code : undefined);
    if (isRefused) log.info({}, 'the receiver of telemetry takes no metrics: none are sent');
    else if (!hasFailed) log.warn({ reason: reasonOf(error) }, 'metrics cannot be sent');
    hasFailed = true;
  }

  function send(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    nextMs = now() + atLeastMs;
    try {
      exporter.export(resourceMetrics(registry.snapshot()), ({ code, error }) => {
        if (code === 0) hasFailed = false;
        else failed(error);
        resolve();
      });
    } catch (error) {
      failed(error);
      resolve();
    }
    return promise;
  }

  return {
    flush() {
      if (onItsWay || isRefused || now() < nextMs) return;
      onItsWay = send().finally(() => {
        onItsWay = null;
      });
    },
    async close() {
      const last = async () => {
        await onItsWay;
        // Whoever has failed a moment ago is not waited for again.
        if (!isRefused && !hasFailed) await send();
        await exporter.shutdown().catch(() => {});
      };
      await within(closeTimeoutMs, last());
    },
  };
}

import type { Logger } from '../runtime/logger.ts';
import { noTracing, type Tracing } from './tracing.ts';

/** What the operator tells of itself to an OTLP receiver. */
export interface OperatorTelemetry {
  readonly tracing: Tracing;
  /** Sends what is left, for at most 5 s; never rejects. */
  close(): Promise<void>;
}

export interface TelemetryOptions {
  /** Name of this replica. */
  readonly instance: string;
  /** The operator's own namespace. */
  readonly namespace: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly logger: Logger;
}

/**
 * Starts to send what OpenTelemetry's variables ask for
 * (https://opentelemetry.io/docs/specs/otel/protocol/exporter/). Where they name no endpoint, nothing of OpenTelemetry's
 * SDK is loaded: it would look for a receiver on this host.
 */
export async function openTelemetry(options: TelemetryOptions): Promise<OperatorTelemetry> {
  const { environment, logger } = options;
  const endpoint = environment.OTEL_EXPORTER_OTLP_ENDPOINT || environment.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT;
  if (!endpoint) return { tracing: noTracing, close: async () => {} };
  try {
    const { startSdk } = await import('./start.ts');
    return startSdk(options);
  } catch (error) {
    logger.error({ err: error }, 'telemetry is not sent');
    return { tracing: noTracing, close: async () => {} };
  }
}

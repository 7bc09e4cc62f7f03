import type { Registry } from '../../meters/registry.ts';
import type { Logger } from '../runtime/logger.ts';
import { asksForMetrics, sendMetrics } from './metrics.ts';
import { noTracing, type Tracing } from './tracing.ts';

/** What the operator tells of itself to an OTLP receiver. */
export interface OperatorTelemetry {
  readonly tracing: Tracing;
  /** Sends what is left, for at most 5 s; never rejects. */
  close(): Promise<void>;
}

type Environment = Readonly<Record<string, string | undefined>>;

export interface TelemetryOptions {
  /** Name of this replica. */
  readonly instance: string;
  /** The operator's own namespace. */
  readonly namespace: string;
  readonly environment: Environment;
  readonly logger: Logger;
  /** Where the operator's metrics are kept. */
  readonly registry: Registry;
}

/**
 * Starts to send what OpenTelemetry's variables ask for
 * (https://opentelemetry.io/docs/specs/otel/protocol/exporter/). Where they name no endpoint, nothing of OpenTelemetry's
 * SDK is loaded: it would look for a receiver on this host.
 */
export async function openTelemetry(options: TelemetryOptions): Promise<OperatorTelemetry> {
  const { registry, environment, logger } = options;
  const failed = (error: unknown) => {
    logger.error({ err: error }, 'telemetry is not sent');
    return null;
  };
  const endMetrics = asksForMetrics(environment)
    ? await sendMetrics(registry, environment, logger).catch(failed)
    : null;
  const traces = asksForTraces(environment) ? await openTraces(options).catch(failed) : null;
  return {
    tracing: traces?.tracing ?? noTracing,
    close: async () => void (await Promise.all([endMetrics?.(), traces?.close()])),
  };
}

function asksForTraces({ OTEL_EXPORTER_OTLP_ENDPOINT: all, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: own }: Environment) {
  return Boolean(all || own);
}

async function openTraces(options: TelemetryOptions): Promise<OperatorTelemetry> {
  const { startSdk } = await import('./start.ts');
  return startSdk(options);
}

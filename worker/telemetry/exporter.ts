import { DiagLogLevel, diag } from '@opentelemetry/api';
import type { SpanExporter } from '@opentelemetry/sdk-trace';
import type { Logger } from 'pino';
import type { Telemetry } from '../../api/manifest/telemetry.ts';

/** For one batch with all attempts at it: what takes longer would only hold back the end of a run. */
const timeoutMillis = 3_000;

/**
 * The official OTLP exporter of the protocol asked for; headers may come from `OTEL_EXPORTER_OTLP_HEADERS`. What
 * OpenTelemetry warns of, such as spans that the receiver refuses while it takes others, goes to `log`: this process
 * uses it for nothing else.
 */
export async function openExporter(
  { endpoint, protocol }: Telemetry,
  log: Pick<Logger, 'warn'>,
): Promise<SpanExporter> {
  const silent = () => {};
  const warn = (message: string, ...details: unknown[]) => log.warn({ details }, message);
  const logger = { error: warn, warn, info: silent, debug: silent, verbose: silent };
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  if (protocol === 'Grpc') {
    const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-grpc');
    return new OTLPTraceExporter({ url: endpoint, timeoutMillis });
  }
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-proto');
  // The endpoint names the receiver; OTLP over HTTP adds the signal's path to it.
  return new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, '')}/v1/traces`, timeoutMillis });
}

import { DiagLogLevel, diag } from '@opentelemetry/api';
import type { SpanExporter } from '@opentelemetry/sdk-trace';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Telemetry } from '../../api/manifest/telemetry.ts';
import { signalUrl } from '../../meters/endpoint.ts';

/** For one batch with all attempts at it: what takes longer would only hold back the end of a run. */
const timeoutMillis = 3_000;

/**
 * The official OTLP exporter of the protocol asked for; headers may come from `OTEL_EXPORTER_OTLP_HEADERS`. What
 * OpenTelemetry warns of, such as spans that the receiver refuses while it takes others, goes to `log`: this process
 * uses it for nothing else. `onRejected` is told of spans that a receiver refuses while it takes others, before the
 * exporter calls their batch delivered.
 */
export async function openExporter(
  { endpoint, protocol }: Telemetry,
  log: Pick<Logger, 'warn'>,
  onRejected: (spans: number, reason: string) => void = () => {},
): Promise<SpanExporter> {
  const silent = () => {};
  const warn = (message: string, ...details: unknown[]) => {
    const rejected = rejectedSpans(details[0]);
    if (rejected) onRejected(rejected.rejectedSpans, rejected.errorMessage);
    else log.warn({ details }, message);
  };
  const logger = { error: warn, warn, info: silent, debug: silent, verbose: silent };
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  if (protocol === 'Grpc') {
    const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-grpc');
    return new OTLPTraceExporter({ url: endpoint, timeoutMillis });
  }
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-proto');
  return new OTLPTraceExporter({ url: signalUrl(endpoint, 'traces'), timeoutMillis });
}

const partialSuccessSchema = z.object({
  rejectedSpans: z.coerce.number().int().positive(),
  errorMessage: z.string().default(''),
});

/** What an OTLP answer says of rejected spans (`ExportTracePartialSuccess`); the exporter only warns of it, as JSON. */
function rejectedSpans(detail: unknown) {
  if (typeof detail !== 'string' || !detail.startsWith('{')) return null;
  try {
    return partialSuccessSchema.safeParse(JSON.parse(detail)).data ?? null;
  } catch {
    return null;
  }
}

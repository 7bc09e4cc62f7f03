import type { Registry } from '../../meters/registry.ts';
import type { Logger } from '../runtime/logger.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** As OpenTelemetry has it for what is sent periodically. */
const defaultIntervalMs = 60_000;
const closeTimeoutMs = 5_000;

/** Whether OpenTelemetry's variables ask for metrics over OTLP, and name where to send them. */
export function asksForMetrics(environment: Environment): boolean {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: all, OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: own } = environment;
  return Boolean(all || own) && environment.OTEL_METRICS_EXPORTER !== 'none';
}

/** Sends the registry every minute, or every OTEL_METRIC_EXPORT_INTERVAL milliseconds; gives what ends that. */
export async function sendMetrics(
  registry: Registry,
  environment: Environment,
  logger: Logger,
): Promise<() => Promise<void>> {
  const { OTEL_EXPORTER_OTLP_PROTOCOL: all, OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: protocol = all } = environment;
  const [{ openMetricExporter }, { openSending }] = await Promise.all([
    import('../../meters/exporter.ts'),
    import('../../meters/sending.ts'),
  ]);
  const exporter = await openMetricExporter({ protocol: protocol === 'grpc' ? 'Grpc' : 'HttpProtobuf' });
  const sending = openSending(registry, exporter, { log: logger, atLeastMs: 0, closeTimeoutMs });
  const asked = Number(environment.OTEL_METRIC_EXPORT_INTERVAL);
  const timer = setInterval(() => sending.flush(), asked > 0 ? asked : defaultIntervalMs);
  return async () => {
    clearInterval(timer);
    await sending.close();
  };
}

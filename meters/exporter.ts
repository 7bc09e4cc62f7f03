import type { PushMetricExporter } from '@opentelemetry/sdk-metrics';
import { signalUrl } from './endpoint.ts';

export interface ExporterOptions {
  readonly protocol: 'HttpProtobuf' | 'Grpc';
  /** The receiver; OTLP over HTTP adds its own path. Absent: as OpenTelemetry's variables of the environment say. */
  readonly endpoint?: string;
  readonly timeoutMillis?: number;
}

/** The official OTLP exporter; headers and certificates come from OpenTelemetry's variables of the environment. */
export async function openMetricExporter(options: ExporterOptions): Promise<PushMetricExporter> {
  const { protocol, endpoint, timeoutMillis } = options;
  const common = { ...(timeoutMillis !== undefined && { timeoutMillis }) };
  if (protocol === 'Grpc') {
    const { OTLPMetricExporter } = await import('@opentelemetry/exporter-metrics-otlp-grpc');
    return new OTLPMetricExporter({ ...common, ...(endpoint !== undefined && { url: endpoint }) });
  }
  const { OTLPMetricExporter } = await import('@opentelemetry/exporter-metrics-otlp-proto');
  const url = endpoint && signalUrl(endpoint, 'metrics');
  return new OTLPMetricExporter({ ...common, ...(url && { url }) });
}

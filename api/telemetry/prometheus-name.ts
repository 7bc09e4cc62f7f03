import type { Metric } from './metric.ts';

const units: Readonly<Record<string, string>> = { s: 'seconds', By: 'bytes', 'bit/s': 'bits_per_second' };

/**
 * The name that Prometheus has for a metric, by OpenTelemetry's rules
 * (https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/): the unit in words, `_total`.
 */
export function prometheusName(name: string, { instrument, unit }: Pick<Metric, 'instrument' | 'unit'>): string {
  return [prometheusWord(name), units[unit], instrument === 'Counter' ? 'total' : undefined].filter(Boolean).join('_');
}

/** A name without what Prometheus does not take in one. */
export function prometheusWord(name: string): string {
  return name.replaceAll(/[^a-zA-Z0-9_]/g, '_');
}

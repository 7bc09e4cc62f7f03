import type { Metric } from '../api/telemetry/metric.ts';
import type { Attributes, Distribution, Family, Snapshot } from './registry.ts';

/** Of the text format (https://prometheus.io/docs/instrumenting/exposition_formats/). */
export const contentType = 'text/plain; version=0.0.4; charset=utf-8';

const units: Readonly<Record<string, string>> = { s: 'seconds', By: 'bytes', 'bit/s': 'bits_per_second' };

/**
 * The name that Prometheus has for a metric, by OpenTelemetry's rules
 * (https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/): the unit in words, `_total`.
 */
export function prometheusName(name: string, { instrument, unit }: Pick<Metric, 'instrument' | 'unit'>): string {
  return [plain(name), units[unit], instrument === 'Counter' ? 'total' : undefined].filter(Boolean).join('_');
}

/** A snapshot as the text that Prometheus scrapes, with who tells it as `target_info`. */
export function prometheusText({ resource, families }: Snapshot): string {
  const info = `# HELP target_info Who tells these metrics.\n# TYPE target_info gauge\ntarget_info${labels(resource)} 1\n`;
  return info + families.map(familyText).join('');
}

function familyText({ name, metric, series }: Family): string {
  if (series.length === 0) return '';
  const own = prometheusName(name, metric);
  const lines = series.flatMap(({ attributes, value }) =>
    typeof value === 'number'
      ? [`${own}${labels(attributes)} ${value}`]
      : histogramLines(own, attributes, value, metric.buckets ?? []),
  );
  const help = metric.brief.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return `# HELP ${own} ${help}\n# TYPE ${own} ${metric.instrument.toLowerCase()}\n${lines.join('\n')}\n`;
}

function histogramLines(
  name: string,
  attributes: Attributes,
  { counts, sum, count }: Distribution,
  bounds: readonly number[],
): string[] {
  let below = 0;
  const buckets = bounds.map((bound, index) => {
    below += counts[index] ?? 0;
    return `${name}_bucket${labels({ ...attributes, le: bound })} ${below}`;
  });
  return [
    ...buckets,
    `${name}_bucket${labels({ ...attributes, le: '+Inf' })} ${count}`,
    `${name}_sum${labels(attributes)} ${sum}`,
    `${name}_count${labels(attributes)} ${count}`,
  ];
}

function labels(attributes: Attributes): string {
  const pairs = Object.entries(attributes).map(([name, value]) => `${plain(name)}="${escaped(String(value))}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function plain(name: string): string {
  return name.replaceAll(/[^a-zA-Z0-9_]/g, '_');
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

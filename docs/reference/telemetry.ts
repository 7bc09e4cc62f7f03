import type { AttributeRow } from '../../api/telemetry/attribute.ts';
import { attributes } from '../../api/telemetry/attributes.ts';
import type { AttributeValues, Metric } from '../../api/telemetry/metric.ts';
import { metrics } from '../../api/telemetry/metrics.ts';
import { prometheusName, prometheusWord } from '../../api/telemetry/prometheus-name.ts';
import { spans } from '../../api/telemetry/spans.ts';
import { markdownTable } from './table.ts';

const head = `# Traces and metrics

Written by \`node docs/generate.ts\` from the tables in \`api/telemetry\`; do not edit.

Names without \`splitlab.\` are those of
[OpenTelemetry's semantic conventions](https://opentelemetry.io/docs/specs/semconv/). Whole numbers may stand for
doubles: OpenTelemetry's exporter looks at the value.
`;

/** The reference of spans and their attributes. */
export function telemetryPage(): string {
  return [
    head,
    '## Spans\n',
    markdownTable(
      ['span', 'lies in', 'what it is'],
      Object.entries(spans).map(([name, { parents, brief }]) => [code(name), parents.map(code).join(', '), brief]),
    ),
    '## Attributes\n',
    markdownTable(
      ['attribute', 'type', 'unit', 'what it says', 'example', 'on'],
      Object.entries<AttributeRow>(attributes).map(([name, { type, unit = '', brief, example, on }]) => [
        code(name),
        type,
        unit,
        brief,
        code(String(example)),
        on.map((place) => (place === 'resource' ? place : code(place))).join(', '),
      ]),
    ),
    metricsHead,
    markdownTable(
      ['metric', 'in Prometheus', 'kind', 'unit', 'what it says', 'labels and their values', 'of'],
      Object.entries<Metric>(metrics).map(([name, metric]) => [
        code(name),
        code(prometheusName(name, metric)),
        metric.instrument,
        metric.unit,
        metric.brief,
        Object.entries(metric.attributes)
          .map(([label, values]) => `${code(prometheusWord(label))}: ${valuesText(values)}`)
          .join('; '),
        metric.of.join(', '),
      ]),
    ),
  ].join('\n');
}

const metricsHead = `## Metrics

Operator and workers show them at \`/metrics\` of their port \`health\`, and send them over OTLP where telemetry is asked
for. \`local\`, \`remote\` and \`link\` are the workers' programs. In OTLP labels keep the dots of their names. A value that is not
listed is \`_OTHER\`; none means that the label may be absent. Which experiment, pod and machine they are of stands in
\`target_info\`, in OTLP in the resource. Energy is not measured yet, and has no metric.
`;

function valuesText(values: AttributeValues): string {
  if (values === 'Process') return 'one for the life of the process';
  return values.map((value) => (value === null ? 'none' : String(value))).join(', ');
}

function code(text: string): string {
  return `\`${text}\``;
}

import type { AttributeRow } from '../../api/telemetry/attribute.ts';
import { attributes } from '../../api/telemetry/attributes.ts';
import { spans } from '../../api/telemetry/spans.ts';
import { markdownTable } from './table.ts';

const head = `# Traces

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
  ].join('\n');
}

function code(text: string): string {
  return `\`${text}\``;
}

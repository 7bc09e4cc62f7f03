import { type Row, shown } from './row.ts';

/** What one bench found, and how busy the machine was before it. */
export interface Section {
  readonly name: string;
  readonly what: string;
  readonly load: number;
  readonly seconds: number;
  /** Absent where the bench failed, with `error` in its place. */
  readonly rows: readonly Row[];
  readonly error?: string;
}

/** `bench/RESULTS.md`: the machine, then a table a bench. */
export function markdown(machine: readonly string[], sections: readonly Section[]): string {
  const bounded = sections.flatMap(({ rows }) => rows).filter(({ met }) => met !== null);
  const missed = bounded.filter(({ met }) => !met);
  return [
    '# Speed and memory\n',
    'Written by `make bench`. Ratios compare what was measured in the same run. Load is the number of processes that',
    'wanted to run in the minute before (a quiet machine: below 1 at first; later the benches themselves).\n',
    ...machine.map((line) => `- ${line}`),
    `- Reached: ${bounded.length - missed.length} of ${bounded.length}${missed.length > 0 ? '; missed are **bold**' : ''}`,
    ...sections.flatMap(section),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n');
}

function section({ name, what, load, seconds, rows, error }: Section): string[] {
  return [
    `\n## ${what}\n`,
    `\`node bench/run.ts ${name}\`, ${Math.round(seconds)} s, load ${load.toFixed(1)} before\n`,
    ...(error === undefined ? [] : [`Failed: ${error.split('\n')[0]}\n`]),
    ...table(rows),
  ];
}

const titles = ['what', 'value', 'unit', 'to reach', 'met'];

/** Padded, as the formatter wants tables; values stand on the right. */
function table(rows: readonly Row[]): string[] {
  if (rows.length === 0) return [];
  const lines = [titles, ...rows.map(cells)];
  const widths = titles.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const pad = (text: string, column: number) =>
    column === 1 ? text.padStart(widths[column] ?? 0) : text.padEnd(widths[column] ?? 0);
  const [head = '', ...body] = lines.map((line) => `| ${line.map(pad).join(' | ')} |`);
  const rules = widths.map((width, column) => (column === 1 ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)));
  return [head, `| ${rules.join(' | ')} |`, ...body];
}

function cells({ name, value, unit, reach, met }: Row): string[] {
  const text = shown(value);
  const verdict = met === null ? '' : met ? 'yes' : '**no**';
  return [name, met === false ? `**${text}**` : text, unit, reach ?? '', verdict];
}

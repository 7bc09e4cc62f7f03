import type { Row } from './row.ts';

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
    '# Speed and memory',
    'Written by `make bench`. Ratios compare what was measured in the same run. Load is the number of processes that',
    'wanted to run in the minute before (a quiet machine: below 1 at first; later the benches themselves).\n',
    ...machine.map((line) => `- ${line}`),
    `- Reached: ${bounded.length - missed.length} of ${bounded.length}${missed.length > 0 ? '; missed are **bold**' : ''}`,
    ...sections.flatMap(section),
    '',
  ].join('\n');
}

function section({ name, what, load, seconds, rows, error }: Section): string[] {
  return [
    `\n## ${what}\n`,
    `\`node bench/run.ts ${name}\`, ${Math.round(seconds)} s, load ${load.toFixed(1)} before\n`,
    ...(error === undefined ? [] : [`Failed: ${error}\n`]),
    ...(rows.length === 0 ? [] : ['| what | value | unit | to reach | met |', '|---|---:|---|---|---|']),
    ...rows.map(line),
  ];
}

function line({ name, value, unit, reach, met }: Row): string {
  const shown = String(Number(value.toPrecision(3)));
  const verdict = met === null ? '' : met ? 'yes' : '**no**';
  return `| ${name} | ${met === false ? `**${shown}**` : shown} | ${unit} | ${reach ?? ''} | ${verdict} |`;
}

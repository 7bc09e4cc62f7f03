import type { Codec } from '../../api/manifest/codec.ts';
import type { Objective } from '../../api/manifest/spec.ts';
import type { SummaryRow } from '../../api/record/summary.ts';
import { codecName, summaryJson } from '../../api/record/summary-csv.ts';
import type { IncompleteVisit } from '../../api/results/summary.ts';
import { best, comparableGroups } from '../../api/statistics/best.ts';
import { type Gain, gainPercent } from '../../api/statistics/gain.ts';
import { pareto } from '../../api/statistics/pareto.ts';
import type { Io } from '../io.ts';
import { formatTable } from '../table.ts';
import { fastestTrial } from '../trace/fastest.ts';
import type { RunResults } from './results.ts';

/** What a table of results is made from. */
export interface Report {
  readonly rows: readonly SummaryRow[];
  readonly objectives: readonly Objective[];
  /** `planned` is null while the plan is not known. */
  readonly visits: { readonly planned: number | null; readonly accepted: number };
  readonly incomplete: readonly IncompleteVisit[];
  /** Where the files are that hold it all. */
  readonly files?: Readonly<Record<string, string>>;
  /** How to look at one inference; absent: not said. */
  readonly trace?: TraceHint;
}

export interface TraceHint {
  /** The command that shows a trace. */
  readonly command: (traceId: string) => string;
  /** Address of the OTLP receiver that has it too. */
  readonly receiver?: string;
}

/** How many cuts a link's table shows besides its baselines. */
const shownCuts = 40;
const shownNames = 3;
const legend =
  'times in ms, means but for the median p50; * not told apart from the fastest; vs: by how much faster than that baseline, ? not certain';

/** Prints the answer: for each link the fastest cuts against the baselines, what was not accepted, and where it all is. */
export function printResults(results: Report, stdout: Io['stdout']): void {
  const lines: string[] = [];
  for (const { link, batchSize, trials } of comparableGroups(results.rows)) {
    lines.push(
      '',
      heading(results.rows[0], link, batchSize),
      ...tableOf(trials),
      ...verdictLines(trials, results.objectives),
      ...frontLines(trials, results.objectives),
    );
  }
  lines.push('', legend, '', ...incompleteLines(results));
  const { planned, accepted } = results.visits;
  lines.push(`${accepted}${planned === null ? '' : ` of ${planned}`} visits accepted`);
  lines.push(...Object.values(results.files ?? {}));
  lines.push(...traceLines(results));
  stdout.write(`${lines.join('\n')}\n`);
}

/** The fastest of all, to be looked at closely. */
function traceLines({ rows, trace }: Report): string[] {
  const fastest = trace && fastestTrial(rows);
  if (!fastest) return [];
  const { row, traceId } = fastest;
  const where = `${nameOf(row)}${row.link === null ? '' : ` over ${row.link}`}`;
  const received = trace.receiver === undefined ? '' : `; sent to ${trace.receiver} as trace ${traceId}`;
  return [`where the time of the fastest went (${where}): ${trace.command(traceId)}${received}`];
}

/** The same for programs: one object with the summary's rows and the paths of the files. */
export function resultsJson({ rows, files, visits, incomplete }: RunResults) {
  return {
    visits,
    files,
    summary: rows.map(summaryJson),
    trace: fastestTrial(rows)?.traceId ?? null,
    incomplete: incomplete.map(({ visitId, attempt, verdict }) => ({ visitId, attempt, ...verdict })),
  };
}

function heading(row: SummaryRow | undefined, link: string | null, batchSize: number): string {
  const model = row
    ? `${row.record.model.name}${row.record.model.weights === 'Random' ? ' (random weights)' : ''}`
    : '';
  return `${model}, link ${link ?? '-'}${batchSize > 1 ? `, batch ${batchSize}` : ''}: end-to-end time`;
}

function tableOf(trials: readonly SummaryRow[]): string[] {
  const timed = trials.filter(({ total }) => total).sort((a, b) => (a.total?.value ?? 0) - (b.total?.value ?? 0));
  const cuts = timed.filter(({ kind }) => kind === 'Cut').slice(0, shownCuts);
  const rows = timed.filter((row) => row.kind !== 'Cut' || cuts.includes(row));
  const localOnly = timed.find(({ kind }) => kind === 'LocalOnly');
  const remote = timed.find(({ kind }) => kind.startsWith('Remote'));
  const header = [
    '',
    'cut',
    'codec',
    'p50 ms',
    '95%',
    'up kB',
    'head',
    'up',
    'tail',
    'vs local',
    'vs remote',
    'agree',
    'right',
    'answer',
  ];
  const lines = formatTable(
    header,
    rows.map((row) => cellsOf(row, localOnly, remote)),
  );
  const left = timed.length - rows.length;
  return left > 0 ? [...lines, `and ${left} slower cuts in summary.csv`] : lines;
}

function cellsOf(row: SummaryRow, localOnly: SummaryRow | undefined, remote: SummaryRow | undefined): string[] {
  const { record, total, meansMs, best } = row;
  const { output, bytes } = record;
  const [top] = output?.top ?? [];
  return [
    best.includes('LatencyP50') ? '*' : '',
    record.cut.name,
    record.codec ? shortCodec(record.codec) : '',
    number(total?.value ?? null, 1),
    total?.low != null && total.high != null ? `${number(total.low, 1)}-${number(total.high, 1)}` : '',
    number(bytes.encoded && bytes.encoded.mean / 1e3, 1),
    number(meansMs.head, 1),
    number(meansMs.uplink, 1),
    number(meansMs.tail, 1),
    gainText(row, localOnly),
    gainText(row, remote),
    share(output?.agreement ?? null),
    share(output?.accuracy ?? null),
    top ? `${top.label} ${share(top.probability)}` : '',
  ];
}

/** By how much faster than a baseline, marked ? where the data do not tell which is. */
function gainText(row: SummaryRow, baseline: SummaryRow | undefined): string {
  const gain = gainOver(row, baseline);
  if (!gain) return '';
  return `${gain.percent >= 0 ? '+' : ''}${gain.percent.toFixed(0)}%${gain.verdict === 'Inconclusive' ? '?' : ''}`;
}

function gainOver(row: SummaryRow, baseline: SummaryRow | undefined): Gain | null {
  if (!row.total || !baseline?.total || row === baseline) return null;
  return gainPercent(row.total, baseline.total, 'LatencyP50');
}

/** The usual granularity needs no word where the line is to fit. */
function shortCodec(codec: Codec): string {
  return codecName(codec).replace('/PerTensor', '').replace('/PerChannel', '/channel');
}

/** In words: what is best of all, and the best cut where that is something else. */
function verdictLines(trials: readonly SummaryRow[], objectives: readonly Objective[]): string[] {
  return objectives.flatMap((objective) => {
    const all = best(trials, objective);
    const cuts = best(
      trials.filter(({ kind }) => kind === 'Cut'),
      objective,
    );
    const [leader] = all;
    if (!leader) return [];
    const lines = [`best ${objective}: ${namesOf(all)}`];
    if (leader.trial.kind !== 'Cut' && cuts.length > 0) lines.push(`best cut by ${objective}: ${namesOf(cuts)}`);
    return lines;
  });
}

/** The trials that no other beats in every objective, and which objectives there was no figure for. */
function frontLines(trials: readonly SummaryRow[], objectives: readonly Objective[]): string[] {
  const front = pareto(trials, objectives);
  const named = front.trials.map(nameOf).join(', ');
  const lines = front.objectives.length > 1 ? [`Pareto front of ${front.objectives.join(' and ')}: ${named}`] : [];
  return [...lines, ...front.warnings.map((warning) => `warning: ${warning}`)];
}

function namesOf(winners: readonly { readonly trial: SummaryRow }[]): string {
  const names = winners.map(({ trial }) => nameOf(trial));
  const more =
    names.length > shownNames ? `, and ${names.length - shownNames} more that the data do not tell apart` : '';
  return names.slice(0, shownNames).join(', ') + more;
}

function nameOf({ record }: SummaryRow): string {
  return record.codec ? `${record.cut.name} ${codecName(record.codec)}` : record.cut.name;
}

function incompleteLines({ incomplete }: Report): string[] {
  return incomplete.map(
    ({ visitId, cut, link, verdict }) =>
      `visit ${visitId} (${cut.name}${link ? `, ${link.name}` : ''}): ${verdict.result}, ${verdict.reason}: ${verdict.message}`,
  );
}

function number(value: number | null | undefined, digits: number): string {
  return value === null || value === undefined ? '' : value.toFixed(digits);
}

function share(value: number | null): string {
  return value === null ? '' : `${(value * 100).toFixed(0)}%`;
}

import { styleText } from 'node:util';
import type { Machine, SegmentSide, VisitRecord } from '../../api/record/record.ts';
import { codecName } from '../../api/record/summary-csv.ts';
import { type Waterfall, type WaterfallRow, waterfall } from '../../api/record/waterfall.ts';
import { printable } from '../table.ts';
import { axisLines, barOf } from './bars.ts';
import type { Found } from './find.ts';

export interface PrintOptions {
  /** Characters of a line. */
  readonly columns: number;
  readonly colours: boolean;
}

const colours = { local: 'cyan', link: 'yellow', remote: 'magenta' } as const satisfies Record<SegmentSide, string>;
const nameWidth = 12;
const sideWidth = 8;
const figureWidth = 10;
/** `?` or nothing, with the space in front of it. */
const markWidth = 2;

/** One inference as lines of text: what it was, a bar for each segment on one axis, and what adds up. */
export function printWaterfall({ record, sample }: Found, { columns, colours: coloured }: PrintOptions): string {
  const picture = waterfall(record, sample);
  const barWidth = Math.max(10, columns - nameWidth - sideWidth - 2 * figureWidth - markWidth - 1);
  const indent = ' '.repeat(nameWidth + sideWidth);
  const span = spanOf(picture);
  const paint = (side: SegmentSide, text: string) =>
    coloured ? styleText(colours[side], text, { validateStream: false }) : text;
  const lineOf = ({ name, side, startMs, lengthMs, uncertain }: WaterfallRow) =>
    [
      name.padEnd(nameWidth),
      paint(side, side.padEnd(sideWidth)),
      paint(side, barOf({ startMs, endMs: startMs + lengthMs }, span, barWidth)),
      ' ',
      startMs.toFixed(3).padStart(figureWidth),
      lengthMs.toFixed(3).padStart(figureWidth),
      uncertain ? ' ?' : '',
    ].join('');
  const heading = 'start ms'.padStart(figureWidth) + 'length ms'.padStart(figureWidth);
  const [scale, ticks] = axisLines(span, barWidth);
  return [
    ...headLines(record, sample, columns),
    '',
    `${indent}${scale} ${heading}`.trimEnd(),
    `${indent}${ticks}`,
    ...picture.rows.map(lineOf),
    '',
    ...totalLines(picture),
    ...noteLines(record, picture, columns),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

/** From the earliest to the latest moment that is to be seen: a segment below zero may reach before the beginning. */
function spanOf({ rows, totalMs }: Waterfall) {
  const ends = rows.flatMap(({ startMs, lengthMs }) => [startMs, startMs + lengthMs]);
  return { startMs: Math.min(0, ...ends), endMs: Math.max(totalMs, ...ends) };
}

function headLines(record: VisitRecord, sample: Found['sample'], columns: number): string[] {
  const { cut, codec, link, traces, verdict, batchSize, model, transfer } = record;
  const rank =
    traces?.median === sample.traceId ? ', the median' : traces?.slowest === sample.traceId ? ', the slowest' : '';
  const how = [
    codec && codecName(codec),
    link && `over ${link.name}`,
    link && transfer,
    batchSize > 1 && `batch ${batchSize}`,
  ].filter((part) => part);
  return [
    `trace ${sample.traceId}`,
    `${model.name}, ${[`cut ${cut.name}`, ...how].join(', ')}`.replace(/cut (LocalOnly|Remote\w+)/, '$1'),
    `visit ${record.visitId}, attempt ${record.attempt}, repetition ${sample.repetition}${rank}; ${verdict.result}`,
    ...(['local', 'remote'] as const).flatMap((side) => machineLine(side, record[side])),
  ].flatMap((line) => wrap(printable(line), columns));
}

function machineLine(side: string, machine: Machine | null): string[] {
  if (!machine) return [];
  const { pod, node, executionProvider, gpu, cpuModel, threads } = machine;
  const what = gpu?.name ?? cpuModel;
  const where = pod === null ? node : `${pod} on ${node}`;
  return [
    `${side}: ${where}, ${executionProvider}${what ? ` (${what})` : ''}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
  ];
}

function totalLines({ rows, totalMs, idealMs, overheadMs }: Waterfall): string[] {
  const sum = (...names: readonly string[]) =>
    rows.filter(({ name }) => names.includes(name)).reduce((ms, { lengthMs }) => ms + lengthMs, 0);
  const figures: (readonly [string, number, string])[] = [
    ['total', totalMs, ''],
    ['inference', sum('head', 'tail'), 'head + tail'],
  ];
  if (rows.some(({ side }) => side === 'link')) figures.push(['link', sum('uplink', 'downlink'), 'uplink + downlink']);
  if (idealMs !== null) figures.push(['ideal', idealMs, 'computing, and the rate and delay of the link']);
  if (overheadMs !== null) figures.push(['overhead', overheadMs, 'total - ideal']);
  return figures.map(([name, ms, what]) =>
    `${name.padEnd(nameWidth)}${ms.toFixed(3).padStart(figureWidth)} ms  ${what}`.trimEnd(),
  );
}

function noteLines({ busyMilliseconds, transfer }: VisitRecord, { rows, uncertaintyMs }: Waterfall, columns: number) {
  const notes: string[] = [];
  if (uncertaintyMs !== null) {
    notes.push(
      `The clocks of the two sides are known to ${uncertaintyMs.toFixed(3)} ms, which may be time of the uplink or of the downlink; their sum is sure.`,
    );
  }
  if (rows.some(({ uncertain }) => uncertain)) notes.push('? less than that: the segment cannot be told from nothing.');
  if (rows.some(({ lengthMs }) => lengthMs < 0)) {
    notes.push('< below zero by that error: its time stands in the other direction.');
  }
  if (transfer === 'Pipelined' && busyMilliseconds) {
    const { encode, transfer: sending, decode } = busyMilliseconds;
    notes.push(
      `Pipelined: encoding, sending and decoding overlap. They were busy for ${[encode, sending, decode].map(({ mean }) => mean.toFixed(3)).join(', ')} ms, means of the visit.`,
    );
  }
  return notes.length > 0 ? ['', ...notes.flatMap((note) => wrap(note, columns))] : [];
}

/** Lines of at most so many characters, broken at spaces where there are some. */
function wrap(text: string, columns: number): string[] {
  const lines = [''];
  for (const word of text.split(' ').flatMap((long) => long.match(new RegExp(`.{1,${columns}}`, 'gu')) ?? [''])) {
    const last = lines.at(-1) ?? '';
    if (last !== '' && last.length + 1 + word.length > columns) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines;
}

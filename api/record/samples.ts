import { z } from 'zod';
import { type SegmentName, segmentNames } from './record.ts';

const milliseconds = z.number().nullable();

/** One timed repetition of a visit: one line of `samples.csv`. Times in ms; a segment that does not apply is null. */
const sampleSchema = z.strictObject({
  repetition: z.int().nonnegative(),
  /** Index of the first input of the batch. */
  input: z.int().nonnegative(),
  scheduledMs: milliseconds,
  segments: z.strictObject(
    Object.fromEntries(segmentNames.map((name) => [name, milliseconds])) as Record<SegmentName, typeof milliseconds>,
  ),
  totalMs: z.number(),
  idealMs: milliseconds,
  encodedBytes: z.number().nullable(),
  replyBytes: z.number().nullable(),
  linkUpBytes: z.number().nullable(),
  linkDownBytes: z.number().nullable(),
  traceId: z.string(),
});

export type Sample = z.infer<typeof sampleSchema>;

/** A bounded part of an attempt's samples as it travels to the samples stream. */
export const samplesMessageSchema = z.strictObject({
  visitId: z.string(),
  attempt: z.int().nonnegative(),
  part: z.int().nonnegative(),
  samples: z.array(sampleSchema).max(500),
});

export type SamplesMessage = z.infer<typeof samplesMessageSchema>;

/** The samples of an attempt from its parts in any order; one that was sent again after a lost answer counts once. */
export function joinParts(parts: readonly SamplesMessage[]): Sample[] {
  const byNumber = new Map(parts.map((message) => [message.part, message.samples]));
  return [...byNumber.entries()].sort(([a], [b]) => a - b).flatMap(([, samples]) => samples);
}

export const sampleColumns = [
  'visitId',
  'attempt',
  'repetition',
  'input',
  'scheduledMs',
  ...segmentNames.map((name) => `${name}Ms` as const),
  'totalMs',
  'idealMs',
  'encodedBytes',
  'replyBytes',
  'linkUpBytes',
  'linkDownBytes',
  'traceId',
] as const;

/** A line of `samples.csv`. */
export interface SampleLine {
  readonly visitId: string;
  readonly attempt: number;
  readonly traceId: string;
  /** Its figures. Throws `ZodError` for what is no number. */
  read(): Sample;
}

/** Takes a line of `samples.csv` without its line end apart; null for another number of cells. */
export function parseSampleLine(line: string): SampleLine | null {
  const cells = line.split(',');
  if (cells.length !== sampleColumns.length) return null;
  const cell = (name: (typeof sampleColumns)[number]) => cells[sampleColumns.indexOf(name)] ?? '';
  const figure = (name: (typeof sampleColumns)[number]) => (cell(name) === '' ? null : Number(cell(name)));
  return {
    visitId: cell('visitId'),
    attempt: Number(cell('attempt')),
    traceId: cell('traceId'),
    read: () =>
      sampleSchema.parse({
        repetition: figure('repetition'),
        input: figure('input'),
        scheduledMs: figure('scheduledMs'),
        segments: Object.fromEntries(segmentNames.map((name) => [name, figure(`${name}Ms`)])),
        totalMs: figure('totalMs'),
        idealMs: figure('idealMs'),
        encodedBytes: figure('encodedBytes'),
        replyBytes: figure('replyBytes'),
        linkUpBytes: figure('linkUpBytes'),
        linkDownBytes: figure('linkDownBytes'),
        traceId: cell('traceId'),
      }),
  };
}

/** The cells of one line of `samples.csv`, in the order of `sampleColumns`. */
export function sampleCells(visitId: string, attempt: number, sample: Sample): (string | number | null)[] {
  return [
    visitId,
    attempt,
    sample.repetition,
    sample.input,
    sample.scheduledMs,
    ...segmentNames.map((name) => sample.segments[name]),
    sample.totalMs,
    sample.idealMs,
    sample.encodedBytes,
    sample.replyBytes,
    sample.linkUpBytes,
    sample.linkDownBytes,
    sample.traceId,
  ];
}

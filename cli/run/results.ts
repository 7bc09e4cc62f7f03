import { rename, writeFile } from 'node:fs/promises';
import { csvLine } from '../../api/record/csv.ts';
import { recordSchema, type VisitRecord } from '../../api/record/record.ts';
import { type Sample, sampleCells, sampleColumns, samplesMessageSchema } from '../../api/record/samples.ts';
import type { AttemptSamples, SummaryRow } from '../../api/record/summary.ts';
import { summaryCells, summaryColumns } from '../../api/record/summary-csv.ts';
import type { Store, Stored } from '../../store/store.ts';

/** All records of a run, ordered by visit, attempt. */
export async function readRecords(store: Store, filter: string): Promise<VisitRecord[]> {
  const stored = await store.read('records', filter);
  return stored.map(({ value }) => recordSchema.parse(value));
}

/** The samples that belong to a record; those of an attempt that left none do not exist. */
export async function readSamples(
  store: Store,
  filter: string,
  records: readonly VisitRecord[],
): Promise<AttemptSamples[]> {
  const parts = Map.groupBy((await store.read('samples', filter)).map(parsePart), keyOf);
  return records.map((record) => ({
    visitId: record.visitId,
    attempt: record.attempt,
    samples: distinctParts(parts.get(keyOf(record)) ?? []),
  }));
}

function parsePart({ value }: Stored) {
  return samplesMessageSchema.parse(value);
}

function keyOf({ visitId, attempt }: { readonly visitId: string; readonly attempt: number }): string {
  return `${visitId} ${attempt}`;
}

/** A part that was sent again after a lost acknowledgement counts once. */
function distinctParts(parts: readonly ReturnType<typeof parsePart>[]): Sample[] {
  const byNumber = new Map(parts.map((message) => [message.part, message.samples]));
  return [...byNumber.entries()].sort(([a], [b]) => a - b).flatMap(([, samples]) => samples);
}

export interface ResultFiles {
  readonly results: string;
  readonly samples: string;
  readonly summary: string;
}

/** Writes the three files of a run; each is replaced whole or not at all. */
export async function writeResults(
  files: ResultFiles,
  records: readonly VisitRecord[],
  samples: readonly AttemptSamples[],
  summary: readonly SummaryRow[],
): Promise<void> {
  await replace(
    files.results,
    records.map((record) => JSON.stringify(record)),
  );
  await replace(files.samples, [
    csvLine(sampleColumns),
    ...samples.flatMap(({ visitId, attempt, samples: rows }) =>
      rows.map((sample) => csvLine(sampleCells(visitId, attempt, sample))),
    ),
  ]);
  await replace(files.summary, [csvLine(summaryColumns), ...summary.map((row) => csvLine(summaryCells(row)))]);
}

async function replace(file: string, lines: readonly string[]): Promise<void> {
  await writeFile(`${file}.new`, lines.map((line) => `${line}\n`).join(''));
  await rename(`${file}.new`, file);
}

import { rename, writeFile } from 'node:fs/promises';
import type { Objective, Spec } from '../../api/manifest/spec.ts';
import type { Plan } from '../../api/plan/expand.ts';
import { recordLine, sampleLines, samplesHeader, summaryHeader, summaryLine } from '../../api/record/files.ts';
import { recordSchema, type VisitRecord } from '../../api/record/record.ts';
import { joinParts, samplesMessageSchema } from '../../api/record/samples.ts';
import { type AttemptSamples, decidingRecords, type SummaryRow, summariseTrials } from '../../api/record/summary.ts';
import type { subjects } from '../../api/subjects.ts';
import type { Store } from '../../store/store.ts';
import type { RunFolder } from './folder.ts';

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
  const parts = Map.groupBy(
    (await store.read('samples', filter)).map(({ value }) => samplesMessageSchema.parse(value)),
    keyOf,
  );
  return records.map((record) => ({
    visitId: record.visitId,
    attempt: record.attempt,
    samples: joinParts(parts.get(keyOf(record)) ?? []),
  }));
}

function keyOf({ visitId, attempt }: { readonly visitId: string; readonly attempt: number }): string {
  return `${visitId} ${attempt}`;
}

/** A run as its records tell it. */
export interface RunResults {
  readonly files: ResultFiles;
  readonly rows: readonly SummaryRow[];
  readonly objectives: readonly Objective[];
  readonly visits: { readonly planned: number; readonly accepted: number };
  /** For each visit that was not accepted the record that speaks for it. */
  readonly incomplete: readonly VisitRecord[];
}

/** Reads what is stored of a run and writes its three files into the folder. */
export async function collectResults(
  store: Store,
  names: ReturnType<typeof subjects>,
  plan: Plan,
  { objectives }: Spec,
  folder: RunFolder,
): Promise<RunResults> {
  const order = new Map(plan.visits.map(({ visitId }, index) => [visitId, index]));
  const place = ({ visitId, attempt }: VisitRecord) => (order.get(visitId) ?? order.size) + attempt / 1e3;
  const records = (await readRecords(store, names.allRecords)).sort((a, b) => place(a) - place(b));
  const samples = await readSamples(store, names.allSamples, records);
  const rows = summariseTrials(records, samples, objectives);
  const files = {
    results: folder.file('results.jsonl'),
    samples: folder.file('samples.csv'),
    summary: folder.file('summary.csv'),
  };
  await writeResults(files, records, samples, rows);
  const deciding = decidingRecords(records);
  const incomplete = deciding.filter(({ verdict }) => verdict.result !== 'Accepted');
  const visits = { planned: plan.visits.length, accepted: deciding.length - incomplete.length };
  return { files, rows, objectives, visits, incomplete };
}

export type ResultFiles = Readonly<Record<'results' | 'samples' | 'summary', string>>;

/** Writes the three files of a run; each is replaced whole or not at all. */
async function writeResults(
  files: ResultFiles,
  records: readonly VisitRecord[],
  samples: readonly AttemptSamples[],
  summary: readonly SummaryRow[],
): Promise<void> {
  await replace(files.results, records.map(recordLine));
  await replace(files.samples, [samplesHeader, ...samples.map(sampleLines)]);
  await replace(files.summary, [summaryHeader, ...summary.map(summaryLine)]);
}

async function replace(file: string, lines: readonly string[]): Promise<void> {
  await writeFile(`${file}.new`, lines.join(''));
  await rename(`${file}.new`, file);
}

import type { Objective } from '../api/manifest/spec.ts';
import { planMessageSchema } from '../api/messages/worker.ts';
import { recordSchema, type VisitRecord } from '../api/record/record.ts';
import { joinParts, type SamplesMessage, samplesMessageSchema } from '../api/record/samples.ts';
import {
  type AttemptSamples,
  decidingRecords,
  markBest,
  type SummaryRow,
  summariseTrial,
} from '../api/record/summary.ts';
import { type IncompleteVisit, incompleteVisit, type ResultsSummary } from '../api/results/summary.ts';
import type { subjects } from '../api/subjects.ts';
import type { Archive, PageOptions } from './archive.ts';
import { RecordUnreadable } from './errors.ts';
import type { Placed } from './store.ts';

type Names = ReturnType<typeof subjects>;

/** A record with its place in the stream. */
export interface PlacedRecord {
  readonly record: VisitRecord;
  readonly sequence: number;
}

/** Parses a message of the records stream. Throws `RecordUnreadable`. */
export function readRecord({ subject, value, sequence }: Placed): PlacedRecord {
  const parsed = recordSchema.safeParse(value);
  if (!parsed.success) throw new RecordUnreadable(subject, parsed.error);
  return { record: parsed.data, sequence };
}

/** All records of an experiment in the order in which they were stored, page by page. */
export async function* scanRecords(
  archive: Archive,
  names: Names,
  options?: PageOptions,
): AsyncGenerator<PlacedRecord> {
  for await (const message of archive.scan('records', names.allRecords, options)) yield readRecord(message);
}

/** The samples that belong to a record. */
export async function samplesOf(
  archive: Archive,
  names: Names,
  { visitId, attempt }: { readonly visitId: string; readonly attempt: number },
): Promise<AttemptSamples> {
  const parts: SamplesMessage[] = [];
  for await (const { value } of archive.scan('samples', names.samplesOf(visitId, attempt))) {
    parts.push(samplesMessageSchema.parse(value));
  }
  return { visitId, attempt, samples: joinParts(parts) };
}

/** Number of visits planned; null before the plan is stored. */
async function plannedVisits(archive: Archive, names: Names): Promise<number | null> {
  const plan = await archive.newest('records', names.plan);
  return plan && planMessageSchema.parse(plan.value).total;
}

/** Sums up an experiment trial by trial: in memory are its rows, and the samples of one trial at a time. */
export async function summarise(
  archive: Archive,
  names: Names,
  objectives: readonly Objective[],
): Promise<ResultsSummary> {
  const trials = await visitsByTrial(archive, names);
  const rows: SummaryRow[] = [];
  const incomplete: IncompleteVisit[] = [];
  let accepted = 0;
  for (const visitIds of trials.values()) {
    const records: VisitRecord[] = [];
    for (const visitId of visitIds) {
      for await (const message of archive.scan('records', names.recordsOf(visitId))) {
        records.push(readRecord(message).record);
      }
    }
    // Purged just now.
    if (records.length === 0) continue;
    const deciding = decidingRecords(records);
    const good = deciding.filter(({ verdict }) => verdict.result === 'Accepted');
    const samples = new Map<VisitRecord, AttemptSamples['samples']>();
    for (const record of good) samples.set(record, (await samplesOf(archive, names, record)).samples);
    rows.push(summariseTrial(records, (record) => samples.get(record) ?? []));
    accepted += good.length;
    incomplete.push(...deciding.filter((record) => !good.includes(record)).map(incompleteVisit));
  }
  const planned = await plannedVisits(archive, names);
  return { objectives, visits: { planned, accepted }, incomplete, rows: markBest(rows, objectives) };
}

/** Visits that left a record by trial, both in the order in which they first did. */
async function visitsByTrial(archive: Archive, names: Names): Promise<Map<string, Set<string>>> {
  const trials = new Map<string, Set<string>>();
  for await (const { record } of scanRecords(archive, names)) {
    const visits = trials.get(record.trialId) ?? new Set();
    visits.add(record.visitId);
    trials.set(record.trialId, visits);
  }
  return trials;
}

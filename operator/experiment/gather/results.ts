import type { Objective } from '../../../api/manifest/spec.ts';
import { planMessageSchema } from '../../../api/messages/worker.ts';
import { nextStep } from '../../../api/record/finality.ts';
import { recordSchema, type Verdict, type VisitRecord } from '../../../api/record/record.ts';
import { joinParts, type Sample, samplesMessageSchema } from '../../../api/record/samples.ts';
import { decidingRecords, type SummaryRow, summariseTrial } from '../../../api/record/summary.ts';
import { codecName } from '../../../api/record/summary-csv.ts';
import { type ExperimentScope, subjects } from '../../../api/subjects.ts';
import type { Archive } from '../../../store/archive.ts';
import type { Results } from '../decide/observed.ts';
import { compareTrials, type NamedTrial } from '../figures.ts';

export interface ResultsRequest {
  readonly scope: ExperimentScope;
  readonly objectives: readonly Objective[];
  readonly backoffLimit: number;
}

/** Reads back all that an experiment left in the store. Throws `StoreUnavailable`. */
export async function readResults(
  archive: Pick<Archive, 'newest' | 'scan'>,
  { scope, objectives, backoffLimit }: ResultsRequest,
): Promise<Results> {
  const names = subjects(scope);
  const plan = await archive.newest('records', names.plan);
  const records: VisitRecord[] = [];
  for await (const { value } of archive.scan('records', names.allRecords)) {
    const parsed = recordSchema.safeParse(value);
    if (parsed.success) records.push(parsed.data);
  }
  const rows: SummaryRow[] = [];
  const samples = await readSamples(archive, names.allSamples);
  for (const trial of Map.groupBy(records, ({ trialId }) => trialId).values()) {
    rows.push(summariseTrial(trial, (attempt) => samples.get(attemptKey(attempt)) ?? []));
  }
  return {
    total: plan ? planMessageSchema.parse(plan.value).total : null,
    visits: countVisits(records, backoffLimit),
    figures: compareTrials(rows.map(named), objectives, records[0]?.model.name),
  };
}

/** Samples by attempt; an attempt without a record has no part in what follows. */
async function readSamples(archive: Pick<Archive, 'scan'>, filter: string): Promise<Map<string, Sample[]>> {
  const parts = new Map<string, ReturnType<typeof samplesMessageSchema.parse>[]>();
  for await (const { value } of archive.scan('samples', filter)) {
    const parsed = samplesMessageSchema.safeParse(value);
    if (!parsed.success) continue;
    const key = attemptKey(parsed.data);
    parts.set(key, [...(parts.get(key) ?? []), parsed.data]);
  }
  return new Map([...parts].map(([key, messages]) => [key, joinParts(messages)]));
}

function attemptKey({ visitId, attempt }: { readonly visitId: string; readonly attempt: number }): string {
  return `${visitId} ${attempt}`;
}

function countVisits(records: readonly VisitRecord[], backoffLimit: number) {
  const visits = [...Map.groupBy(records, ({ visitId }) => visitId).values()];
  const final = visits.filter((visit) => nextStep({ begun: [], records: visit }, backoffLimit).step === 'Done').flat();
  const deciding = decidingRecords(final);
  const count = (result: Verdict['result']) => deciding.filter(({ verdict }) => verdict.result === result).length;
  return { completed: count('Accepted'), rejected: count('Rejected'), failed: count('Failed') };
}

function named({ record, ...row }: SummaryRow): NamedTrial {
  return { ...row, cut: record.cut.name, codec: record.codec && codecName(record.codec) };
}

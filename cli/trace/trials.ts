import type { VisitRecord } from '../../api/record/record.ts';
import type { Sample } from '../../api/record/samples.ts';
import { type SummaryRow, summariseTrials } from '../../api/record/summary.ts';
import type { TraceSource } from './source.ts';

/** The trials of all records, as far as their times go. */
export async function sumUp({ records, samples }: Pick<TraceSource, 'records' | 'samples'>): Promise<SummaryRow[]> {
  const all: VisitRecord[] = [];
  for await (const record of records()) all.push(record);
  const attempts = new Map<
    string,
    { readonly visitId: string; readonly attempt: number; readonly samples: Sample[] }
  >();
  for await (const { visitId, attempt, read } of samples()) {
    const key = `${visitId} ${attempt}`;
    const own = attempts.get(key) ?? { visitId, attempt, samples: [] };
    own.samples.push(read());
    attempts.set(key, own);
  }
  return summariseTrials(all, [...attempts.values()], ['LatencyP50']);
}

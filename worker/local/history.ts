import { type NextStep, nextStep, type VisitHistory } from '../../api/record/finality.ts';
import { recordSchema, type VisitRecord } from '../../api/record/record.ts';
import type { subjects } from '../../api/subjects.ts';
import type { Store } from '../../store/store.ts';

/** What is stored of the visits so far. */
export interface History {
  next(visitId: string, backoffLimit: number): NextStep;
  add(record: VisitRecord): void;
}

/** Reads begins and records once; after that the lane's own worker is the only one that adds to them. */
export async function readHistory(store: Store, names: ReturnType<typeof subjects>): Promise<History> {
  const begun = new Map<string, number[]>();
  for (const { subject } of await store.read('records', names.allBegins)) {
    const [visitId = '', attempt = ''] = subject.split('.').slice(-2);
    begun.set(visitId, [...(begun.get(visitId) ?? []), Number(attempt)]);
  }
  const records = new Map<string, VisitHistory['records'][number][]>();
  const add = ({ visitId, attempt, verdict }: VisitRecord) => {
    records.set(visitId, [...(records.get(visitId) ?? []), { attempt, verdict }]);
  };
  for (const { value } of await store.read('records', names.allRecords)) add(recordSchema.parse(value));
  return {
    next: (visitId, backoffLimit) =>
      nextStep({ begun: begun.get(visitId) ?? [], records: records.get(visitId) ?? [] }, backoffLimit),
    add,
  };
}

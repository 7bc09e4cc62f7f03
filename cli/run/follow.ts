import type { Plan } from '../../api/plan/expand.ts';
import { nextStep, type VisitHistory } from '../../api/record/finality.ts';
import { recordSchema } from '../../api/record/record.ts';
import type { subjects } from '../../api/subjects.ts';
import type { Store } from '../../store/store.ts';

/** Counts visits that are final, as their records come in; `onChange` gets the count, first that of what is stored already. Ends with `signal`, throwing its reason. */
export async function followRun(
  store: Store,
  names: ReturnType<typeof subjects>,
  plan: Plan,
  backoffLimit: number,
  signal: AbortSignal,
  onChange: (done: number) => void,
): Promise<never> {
  const records = new Map<string, VisitHistory['records'][number][]>(plan.visits.map(({ visitId }) => [visitId, []]));
  const final = new Set<string>();
  // What is stored already took no time of this run.
  for (const { value } of await store.read('records', names.allRecords)) note(value);
  onChange(final.size);
  for await (const { value } of store.follow('records', names.allRecords, signal)) {
    const before = final.size;
    note(value);
    if (final.size > before) onChange(final.size);
  }
  signal.throwIfAborted();
  throw new Error('the records of the run cannot be followed any more');

  function note(value: unknown): void {
    const { visitId, attempt, verdict } = recordSchema.parse(value);
    const known = records.get(visitId);
    known?.push({ attempt, verdict });
    if (known && nextStep({ begun: [], records: known }, backoffLimit).step === 'Done') final.add(visitId);
  }
}

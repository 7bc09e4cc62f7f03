import { planMessageSchema } from '../../../api/messages/worker.ts';
import type { SummaryRow } from '../../../api/record/summary.ts';
import { codecName } from '../../../api/record/summary-csv.ts';
import { type ExperimentScope, subjects } from '../../../api/subjects.ts';
import type { Archive } from '../../../store/archive.ts';
import { scanRecords, summarise } from '../../../store/results.ts';
import type { Results } from '../decide/observed.ts';
import { type Comparison, compareTrials, type NamedTrial } from '../figures.ts';
import { VisitFold } from './visit-fold.ts';

export interface ResultsRequest extends Comparison {
  readonly scope: ExperimentScope;
  readonly backoffLimit: number;
}

/** Reads back all that an experiment left in the store. Throws `StoreUnavailable`, `RecordUnreadable`. */
export async function readResults(
  archive: Archive,
  { scope, backoffLimit, ...comparison }: ResultsRequest,
): Promise<Results> {
  const names = subjects(scope);
  const plan = await archive.newest('records', names.plan);
  const fold = new VisitFold(backoffLimit);
  for await (const { record } of scanRecords(archive, names)) fold.add(record);
  const { rows } = await summarise(archive, names, comparison.objectives);
  return {
    total: plan ? planMessageSchema.parse(plan.value).total : null,
    visits: fold.visits(),
    figures: compareTrials(rows.map(named), comparison, rows[0]?.record.model.name),
  };
}

function named({ record, ...row }: SummaryRow): NamedTrial {
  return { ...row, cut: record.cut.name, codec: record.codec && codecName(record.codec) };
}

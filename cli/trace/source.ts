import type { VisitRecord } from '../../api/record/record.ts';
import type { SampleLine } from '../../api/record/samples.ts';
import type { SummaryRow } from '../../api/record/summary.ts';

/** Where the inferences of an experiment are told of: a run's folder, a run that goes on, or the results API. */
export interface TraceSource {
  /** What people call it. */
  readonly name: string;
  records(): AsyncIterable<VisitRecord>;
  /** Every timed repetition, those of rejected attempts too. */
  samples(): AsyncIterable<SampleLine>;
  /** Its trials; each knows the trace that stands for it. */
  trials(): Promise<readonly SummaryRow[]>;
}

import { z } from 'zod';
import { cutSchema } from '../cut.ts';
import { type Objective, objectiveSchema } from '../manifest/spec.ts';
import { recordSchema, type VisitRecord } from '../record/record.ts';
import { meanNames, type SummaryRow } from '../record/summary.ts';

const count = z.int().nonnegative();
const figure = z.number().nullable();
const estimateSchema = z.strictObject({ value: z.number(), low: figure, high: figure });

const summaryRowSchema = z.strictObject({
  trialId: z.string(),
  kind: cutSchema.shape.kind,
  link: z.string().nullable(),
  batchSize: z.int().positive(),
  figures: z.partialRecord(objectiveSchema, estimateSchema),
  record: recordSchema,
  total: estimateSchema.nullable(),
  totalP90Ms: figure,
  traceId: z.string().nullable().default(null),
  meansMs: z.record(z.enum(meanNames), figure),
  localMemoryBytes: figure,
  remoteMemoryBytes: figure,
  samples: count,
  rejected: count,
  best: z.array(objectiveSchema),
});

const { visitId, attempt, verdict } = recordSchema.shape;
const incompleteVisitSchema = z.strictObject({
  visitId,
  attempt,
  verdict,
  cut: z.strictObject({ name: z.string() }),
  link: z.strictObject({ name: z.string() }).nullable(),
});

/** A visit that was not accepted, as the record tells it that speaks for it. */
export type IncompleteVisit = z.output<typeof incompleteVisitSchema>;

/** What is known of an experiment's trials: all that a table of results needs. */
export interface ResultsSummary {
  readonly objectives: readonly Objective[];
  /** `planned` is null until the plan is stored. */
  readonly visits: { readonly planned: number | null; readonly accepted: number };
  readonly incomplete: readonly IncompleteVisit[];
  readonly rows: readonly SummaryRow[];
}

/** The body of `.../summary`. */
export const resultsSummarySchema = z.object({
  objectives: z.array(objectiveSchema),
  visits: z.strictObject({ planned: count.nullable(), accepted: count }),
  incomplete: z.array(incompleteVisitSchema),
  rows: z.array(summaryRowSchema),
}) satisfies z.ZodType<ResultsSummary>;

/** What is said of a visit that was not accepted. */
export function incompleteVisit(record: VisitRecord): IncompleteVisit {
  const { cut, link } = record;
  return {
    visitId: record.visitId,
    attempt: record.attempt,
    verdict: record.verdict,
    cut: { name: cut.name },
    link: link && { name: link.name },
  };
}

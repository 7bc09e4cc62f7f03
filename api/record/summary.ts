import type { Objective } from '../manifest/spec.ts';
import { type Best, best, comparableGroups, type TrialFigures } from '../statistics/best.ts';
import { type Estimate, exactly, medianInterval } from '../statistics/interval.ts';
import { quantile } from '../statistics/quantiles.ts';
import { decidingRecord } from './finality.ts';
import { segmentNames, type VisitRecord } from './record.ts';
import type { Sample } from './samples.ts';

export const meanNames = [...segmentNames, 'inference', 'overhead'] as const;
export type MeanName = (typeof meanNames)[number];

/** A trial over all its blocks: one line of `summary.csv`. Plain data, so that it can travel as JSON. */
export interface SummaryRow extends TrialFigures {
  readonly record: VisitRecord;
  /** Median of the end-to-end time over all blocks, with a 95 % interval that respects them; null without a sample. */
  readonly total: Estimate | null;
  readonly totalP90Ms: number | null;
  /** Trace of the median inference of the accepted visit whose median is nearest to the trial's; null without one. */
  readonly traceId: string | null;
  /** Over all accepted repetitions; null where a segment does not apply. */
  readonly meansMs: Readonly<Record<MeanName, number | null>>;
  readonly localMemoryBytes: number | null;
  readonly remoteMemoryBytes: number | null;
  readonly samples: number;
  /** Attempts that were rejected or failed, over all blocks. */
  readonly rejected: number;
  /** Objectives in which the trial is among the best of its link and batch size. */
  readonly best: readonly Objective[];
}

/** Samples of one attempt at a visit. */
export interface AttemptSamples {
  readonly visitId: string;
  readonly attempt: number;
  readonly samples: readonly Sample[];
}

const samplesForP90 = 29;

/** Sums up every trial that left a record; the best come from comparing trials of one link and batch size. */
export function summariseTrials(
  records: readonly VisitRecord[],
  samples: readonly AttemptSamples[],
  objectives: readonly Objective[],
): SummaryRow[] {
  const byAttempt = new Map(samples.map((one) => [keyOf(one), one.samples]));
  const trials = [...Map.groupBy(records, ({ trialId }) => trialId).values()];
  return markBest(
    trials.map((trial) => summariseTrial(trial, (attempt) => byAttempt.get(keyOf(attempt)) ?? [])),
    objectives,
  );
}

/** The rows, each told in which objectives it is among the best of its link and batch size. */
export function markBest(rows: readonly SummaryRow[], objectives: readonly Objective[]): SummaryRow[] {
  const winners = bestOf(rows, objectives);
  return rows.map((row) => ({
    ...row,
    best: objectives.filter((objective) =>
      winners.some((one) => one.objective === objective && one.trialIds.has(row.trialId)),
    ),
  }));
}

/** The best trials of each link, batch size and objective. */
function bestTrials(
  rows: readonly SummaryRow[],
  objectives: readonly Objective[],
): { link: string | null; batchSize: number; objective: Objective; best: Best<SummaryRow>[] }[] {
  return comparableGroups(rows).flatMap(({ link, batchSize, trials }) =>
    objectives.map((objective) => ({ link, batchSize, objective, best: best(trials, objective) })),
  );
}

function bestOf(rows: readonly SummaryRow[], objectives: readonly Objective[]) {
  return bestTrials(rows, objectives).map(({ objective, best: winners }) => ({
    objective,
    trialIds: new Set(winners.map(({ trial }) => trial.trialId)),
  }));
}

/** For each visit the record that speaks for it, in the order in which visits first occur. */
export function decidingRecords(records: readonly VisitRecord[]): VisitRecord[] {
  const visits = [...Map.groupBy(records, ({ visitId }) => visitId).values()];
  return visits.flatMap((visit) => decidingRecord(visit) ?? []);
}

/** Sums up one trial from all its records and the samples of its accepted attempts. Throws `RangeError` without a record. */
export function summariseTrial(
  records: readonly VisitRecord[],
  samplesOf: (attempt: VisitRecord) => readonly Sample[],
): SummaryRow {
  const visits = decidingRecords(records);
  const accepted = visits.filter(({ verdict }) => verdict.result === 'Accepted');
  const blocks = accepted.map(samplesOf).filter((block) => block.length > 0);
  const all = blocks.flat();
  const totals = blocks.map((block) => block.map(({ totalMs }) => totalMs));
  const total = all.length > 0 ? durationInterval(totals) : null;
  const record = accepted[0] ?? visits[0];
  if (!record) throw new RangeError('a trial without a record cannot be summed up');
  const throughput = meanOf(accepted.map(({ throughputPerSecond }) => throughputPerSecond));
  const localMemoryBytes = maxOf(accepted.map(({ local }) => local.memoryPeakBytes));
  const uplinkBytes =
    record.cut.kind === 'LocalOnly' ? 0 : meanOf(accepted.map(({ bytes }) => bytes.encoded?.mean ?? null));
  return {
    trialId: record.trialId,
    kind: record.cut.kind,
    link: record.link?.name ?? null,
    batchSize: record.batchSize,
    figures: {
      ...(total && { LatencyP50: total }),
      ...(uplinkBytes !== null && total && { UplinkBytes: exactly(uplinkBytes) }),
      ...(record.output && record.output.accuracy !== null && total && { Accuracy: exactly(record.output.accuracy) }),
      ...(localMemoryBytes !== null && { LocalMemory: exactly(localMemoryBytes) }),
      ...(throughput !== null && { Throughput: exactly(throughput) }),
    },
    record,
    total,
    traceId: total && nearestTrace(accepted.map(medianOf), total.value),
    totalP90Ms: all.length >= samplesForP90 ? quantile(Float64Array.from(totals.flat()).sort(), 0.9) : null,
    meansMs: meansOf(all),
    localMemoryBytes,
    remoteMemoryBytes: maxOf(accepted.map(({ remote }) => remote?.memoryPeakBytes ?? null)),
    samples: all.length,
    rejected: records.filter(({ verdict }) => verdict.result !== 'Accepted').length,
    best: [],
  };
}

/** The median of a visit's end-to-end times in ms, and the trace of the inference that took it. */
export interface VisitMedian {
  readonly p50Ms: number | null;
  readonly traceId: string | null;
}

export function medianOf({ latencyMilliseconds, traces }: VisitRecord): VisitMedian {
  return { p50Ms: latencyMilliseconds?.total?.p50 ?? null, traceId: traces?.median ?? null };
}

/** The trace that stands for a trial: of the visit whose median is nearest to the trial's, in ms; null without one. */
export function nearestTrace(visits: readonly VisitMedian[], medianMs: number): string | null {
  let nearest: { readonly traceId: string; readonly distanceMs: number } | null = null;
  for (const { p50Ms, traceId } of visits) {
    if (p50Ms === null || traceId === null) continue;
    const distanceMs = Math.abs(p50Ms - medianMs);
    if (nearest === null || distanceMs < nearest.distanceMs) nearest = { traceId, distanceMs };
  }
  return nearest?.traceId ?? null;
}

/** No time is negative, so neither is an end of its interval. */
function durationInterval(blocks: readonly (readonly number[])[]): Estimate {
  const estimate = medianInterval(blocks);
  return { ...estimate, low: estimate.low === null ? null : Math.max(0, estimate.low) };
}

function meansOf(samples: readonly Sample[]): Record<MeanName, number | null> {
  const entries = meanNames.map((name) => [name, meanOf(samples.map(sampleValue(name)))] as const);
  return Object.fromEntries(entries) as Record<MeanName, number | null>;
}

function sampleValue(name: MeanName): (sample: Sample) => number | null {
  if (name === 'inference') return ({ segments }) => (segments.head ?? 0) + (segments.tail ?? 0);
  if (name === 'overhead') return ({ totalMs, idealMs }) => (idealMs === null ? null : totalMs - idealMs);
  return ({ segments }) => segments[name];
}

function keyOf({ visitId, attempt }: { readonly visitId: string; readonly attempt: number }): string {
  return `${visitId} ${attempt}`;
}

function meanOf(values: readonly (number | null)[]): number | null {
  const present = values.filter((value) => value !== null);
  return present.length === 0 ? null : present.reduce((sum, value) => sum + value, 0) / present.length;
}

function maxOf(values: readonly (number | null)[]): number | null {
  const present = values.filter((value) => value !== null);
  return present.length === 0 ? null : Math.max(...present);
}

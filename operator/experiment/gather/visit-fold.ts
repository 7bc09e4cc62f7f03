import type { CutKind } from '../../../api/cut.ts';
import { decidingRecord, nextStep } from '../../../api/record/finality.ts';
import type { Verdict, VisitRecord } from '../../../api/record/record.ts';
import { medianOf, nearestTrace, type VisitMedian } from '../../../api/record/summary.ts';
import { codecName } from '../../../api/record/summary-csv.ts';
import { exactly, medianInterval } from '../../../api/statistics/interval.ts';
import type { Figures, Visits } from '../decide/observed.ts';
import { type Comparison, compareTrials, type NamedTrial } from '../figures.ts';

/** What is kept of a record while its experiment runs: a hundredth of it. */
interface Kept {
  readonly attempt: number;
  readonly verdict: Pick<Verdict, 'result' | 'reason'> & { readonly message: '' };
  readonly trial: TrialName;
  readonly median: VisitMedian;
  readonly encodedBytes: number | null;
  readonly accuracy: number | null;
  readonly throughput: number | null;
  readonly memoryBytes: number | null;
}

interface TrialName {
  readonly trialId: string;
  readonly kind: CutKind;
  readonly link: string | null;
  readonly batchSize: number;
  readonly cut: string;
  readonly codec: string | null;
}

/**
 * What the records of an experiment tell so far. Adding one again changes nothing. The figures stand on the medians of the
 * visits until the samples themselves are read at the end.
 */
export class VisitFold {
  readonly #visits = new Map<string, Kept[]>();
  readonly #final = new Set<string>();
  readonly #backoffLimit: number;
  #model: string | undefined;

  constructor(backoffLimit: number) {
    this.#backoffLimit = backoffLimit;
  }

  add(record: VisitRecord): void {
    this.#model = record.model.name;
    const known = this.#visits.get(record.visitId) ?? [];
    if (known.some(({ attempt }) => attempt === record.attempt)) return;
    const records = [...known, kept(record)];
    this.#visits.set(record.visitId, records);
    if (nextStep({ begun: [], records }, this.#backoffLimit).step === 'Done') this.#final.add(record.visitId);
  }

  get finalCount(): number {
    return this.#final.size;
  }

  /** How many visits are final, by what their deciding record says. */
  visits(): Visits {
    const results = [...this.#final].map((visitId) => decidingRecord(this.#visits.get(visitId) ?? [])?.verdict.result);
    const count = (result: Verdict['result']) => results.filter((one) => one === result).length;
    return { completed: count('Accepted'), rejected: count('Rejected'), failed: count('Failed') };
  }

  figures(comparison: Comparison): Figures {
    const accepted = [...this.#visits.values()]
      .flatMap((records) => decidingRecord(records) ?? [])
      .filter(({ verdict }) => verdict.result === 'Accepted');
    const trials = [...Map.groupBy(accepted, ({ trial }) => trial.trialId).values()];
    return compareTrials(trials.flatMap(namedTrial), comparison, this.#model);
  }
}

function kept(record: VisitRecord): Kept {
  const { attempt, verdict, cut, codec, link, batchSize, trialId } = record;
  return {
    attempt,
    verdict: { result: verdict.result, reason: verdict.reason, message: '' },
    trial: {
      trialId,
      kind: cut.kind,
      link: link?.name ?? null,
      batchSize,
      cut: cut.name,
      codec: codec && codecName(codec),
    },
    median: medianOf(record),
    encodedBytes: cut.kind === 'LocalOnly' ? 0 : (record.bytes.encoded?.mean ?? null),
    accuracy: record.output?.accuracy ?? null,
    throughput: record.throughputPerSecond,
    memoryBytes: record.local.memoryPeakBytes,
  };
}

function namedTrial(visits: readonly Kept[]): NamedTrial[] {
  const [first] = visits;
  const medians = visits.flatMap(({ median: { p50Ms } }) => (p50Ms === null ? [] : [[p50Ms]]));
  if (!first || medians.length === 0) return [];
  const mean = (values: readonly (number | null)[]) => {
    const present = values.filter((value) => value !== null);
    return present.length === 0 ? null : present.reduce((sum, value) => sum + value, 0) / present.length;
  };
  const uplink = mean(visits.map(({ encodedBytes }) => encodedBytes));
  const throughput = mean(visits.map((visit) => visit.throughput));
  const memory = Math.max(...visits.map(({ memoryBytes }) => memoryBytes ?? -1));
  const total = medianInterval(medians);
  return [
    {
      ...first.trial,
      traceId: nearestTrace(
        visits.map(({ median }) => median),
        total.value,
      ),
      figures: {
        LatencyP50: total,
        ...(uplink !== null && { UplinkBytes: exactly(uplink) }),
        ...(first.accuracy !== null && { Accuracy: exactly(first.accuracy) }),
        ...(memory >= 0 && { LocalMemory: exactly(memory) }),
        ...(throughput !== null && { Throughput: exactly(throughput) }),
      },
    },
  ];
}

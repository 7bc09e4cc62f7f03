/** Quantiles of how late deliveries were; `null` where there was none. */
export interface LatenessSummary {
  readonly count: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly maxMs: number | null;
}

export interface Lateness {
  add(latenessMs: number): void;
  summary(): LatenessSummary;
}

// 1 us to 60 s in steps of 2 %: 905 counters hold any number of samples with an error of 1 %.
const lowestMs = 0.001;
const step = Math.log(1.02);
const buckets = Math.ceil(Math.log(60_000 / lowestMs) / step) + 1;

/** A histogram of lateness in milliseconds, in constant memory, with a relative error of 1 %. */
export function createLateness(): Lateness {
  const counts = new Float64Array(buckets);
  let count = 0;
  let maxMs = 0;
  const quantile = (p: number): number => {
    const rank = Math.ceil(p * count);
    let below = 0;
    let index = 0;
    while (index < buckets - 1) {
      below += counts[index] as number;
      if (below >= rank) break;
      index++;
    }
    return Math.min(maxMs, lowestMs * Math.exp((index - 0.5) * step));
  };
  return {
    add(latenessMs) {
      const bucket = latenessMs <= lowestMs ? 0 : Math.ceil(Math.log(latenessMs / lowestMs) / step);
      const index = Math.min(buckets - 1, bucket);
      counts[index] = (counts[index] as number) + 1;
      count++;
      maxMs = Math.max(maxMs, latenessMs);
    },
    summary: () =>
      count === 0
        ? { count, p50Ms: null, p99Ms: null, maxMs: null }
        : { count, p50Ms: quantile(0.5), p99Ms: quantile(0.99), maxMs },
  };
}

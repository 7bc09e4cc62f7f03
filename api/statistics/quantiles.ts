/** Figures of one visit's samples, in the unit of the samples. */
export interface Summary {
  readonly count: number;
  readonly mean: number;
  readonly p50: number;
  /** 95 % interval of the median within these samples; null when there are too few (fewer than 6). */
  readonly p50Low: number | null;
  readonly p50High: number | null;
  /** Null below 29 samples. */
  readonly p90: number | null;
  /** Null below 299 samples. */
  readonly p99: number | null;
  readonly min: number;
  readonly max: number;
}

/**
 * Samples from which the greatest is at least the quantile with 95 % confidence (1 - q^n >= 0.95, Wilks 1941): with
 * fewer, the quantile would be read off where there are no data.
 */
const samplesForP90 = 29;
const samplesForP99 = 299;

/**
 * Summarises samples; none is left out. Quantiles interpolate between order statistics (definition 7 of Hyndman and Fan
 * 1996, as in R and NumPy). Throws RangeError for no samples, or one that is not a finite number.
 */
export function summarise(samples: readonly number[]): Summary {
  if (samples.length === 0) throw new RangeError('there are no samples to summarise');
  const strange = samples.find((sample) => !Number.isFinite(sample));
  if (strange !== undefined) throw new RangeError(`the sample ${strange} is not a finite number`);
  const sorted = Float64Array.from(samples).sort();
  const count = sorted.length;
  const ranks = medianRanks(count);
  return {
    count,
    mean: sorted.reduce((sum, sample) => sum + sample, 0) / count,
    p50: quantile(sorted, 0.5),
    p50Low: ranks && at(sorted, ranks.low),
    p50High: ranks && at(sorted, ranks.high),
    p90: count >= samplesForP90 ? quantile(sorted, 0.9) : null,
    p99: count >= samplesForP99 ? quantile(sorted, 0.99) : null,
    min: at(sorted, 0),
    max: at(sorted, count - 1),
  };
}

/** The quantile 0 <= q <= 1 of samples in ascending order, of which there is at least one. */
export function quantile(sorted: ArrayLike<number>, q: number): number {
  const position = (sorted.length - 1) * q;
  const below = Math.floor(position);
  const [low, high] = [at(sorted, below), at(sorted, Math.min(below + 1, sorted.length - 1))];
  return low + (high - low) * (position - below);
}

/** The median of samples in any order, of which there is at least one. */
export function median(samples: readonly number[]): number {
  return quantile(Float64Array.from(samples).sort(), 0.5);
}

/**
 * The ranks (from 0) of the two order statistics between which the median lies with at least 95 % confidence, whatever
 * the distribution (David and Nagaraja, Order Statistics, section 7.1): the number of samples below the median is
 * binomial with p = 1/2. Null when even the least and the greatest do not reach that.
 */
export function medianRanks(count: number): { readonly low: number; readonly high: number } | null {
  let logProbability = -count * Math.LN2;
  let tail = Math.exp(logProbability);
  if (tail > 0.025) return null;
  let low = 0;
  for (;;) {
    logProbability += Math.log(count - low) - Math.log(low + 1);
    tail += Math.exp(logProbability);
    if (tail > 0.025) return { low, high: count - 1 - low };
    low += 1;
  }
}

function at(sorted: ArrayLike<number>, index: number): number {
  return sorted[index] as number;
}

/** Told of what a queue does; the words are those of client-go's work queue metrics. */
export interface QueueMetrics {
  /** How many items wait to be taken. */
  depth(items: number): void;
  /** How long an item waited from when it was added until it was taken. */
  queueDuration(ms: number): void;
  /** How long a worker kept an item. */
  workDuration(ms: number): void;
  /** An item comes back after a failure. */
  retry(): void;
}

export const noMetrics: QueueMetrics = { depth() {}, queueDuration() {}, workDuration() {}, retry() {} };

const bucketsPerDoubling = 8;

/** Counts durations in buckets that grow by a twelfth, so that a quantile is off by no more than that. */
export class DurationHistogram {
  readonly #counts = new Map<number, number>();
  #total = 0;
  #sumMs = 0;

  get count(): number {
    return this.#total;
  }

  get sumMs(): number {
    return this.#sumMs;
  }

  observe(ms: number): void {
    const bucket = Math.ceil(Math.log2(Math.max(ms, 0.001)) * bucketsPerDoubling);
    this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + 1);
    this.#total++;
    this.#sumMs += ms;
  }

  /** The upper bound in ms of the bucket that holds this quantile (0 to 1); null without observations. */
  quantile(quantile: number): number | null {
    let left = Math.ceil(quantile * this.#total);
    for (const [bucket, count] of [...this.#counts].sort(([a], [b]) => a - b)) {
      left -= count;
      if (left <= 0) return 2 ** (bucket / bucketsPerDoubling);
    }
    return null;
  }
}

/** Keeps what a queue reports, to be read at any time. */
export class QueueStatistics implements QueueMetrics {
  readonly queueDurations = new DurationHistogram();
  readonly workDurations = new DurationHistogram();
  items = 0;
  retries = 0;

  depth(items: number): void {
    this.items = items;
  }

  queueDuration(ms: number): void {
    this.queueDurations.observe(ms);
  }

  workDuration(ms: number): void {
    this.workDurations.observe(ms);
  }

  retry(): void {
    this.retries++;
  }

  reconciled(): void {}
}

export interface BackoffOptions {
  readonly firstMs: number;
  readonly longestMs: number;
  /** A number in [0, 1); half of each pause is random, so that clients which failed together do not come back together. */
  readonly random: () => number;
}

/** Pauses that double with each failure in a row. */
export class Backoff {
  readonly #options: BackoffOptions;
  #failures = 0;

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  get failures(): number {
    return this.#failures;
  }

  /** Counts a failure and says how many milliseconds to wait after it. */
  next(): number {
    const { firstMs, longestMs, random } = this.#options;
    const ms = Math.min(firstMs * 2 ** Math.min(this.#failures++, 30), longestMs);
    return ms * (0.5 + random() / 2);
  }

  /** Something went well: the next pause is the first again. */
  reset(): void {
    this.#failures = 0;
  }
}

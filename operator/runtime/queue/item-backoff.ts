import { Backoff } from '../backoff.ts';

export interface ItemBackoffOptions {
  readonly firstMs?: number;
  readonly longestMs?: number;
  readonly random?: () => number;
}

/** How long each item waits after its own failures in a row: exponential, 0.1 s to 5 min where not said otherwise. */
export class ItemBackoff {
  readonly #options: Required<ItemBackoffOptions>;
  readonly #items = new Map<string, Backoff>();

  constructor({ firstMs = 100, longestMs = 300_000, random = Math.random }: ItemBackoffOptions = {}) {
    this.#options = { firstMs, longestMs, random };
  }

  /** Counts a failure and says how many milliseconds the item waits. */
  next(key: string): number {
    let backoff = this.#items.get(key);
    if (!backoff) {
      backoff = new Backoff(this.#options);
      this.#items.set(key, backoff);
    }
    return backoff.next();
  }

  /** How often the item failed in a row. */
  failures(key: string): number {
    return this.#items.get(key)?.failures ?? 0;
  }

  forget(key: string): void {
    this.#items.delete(key);
  }
}

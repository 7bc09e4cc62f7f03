import { BoundedMap } from './bounded-map.ts';

interface Bucket {
  readonly tokens: number;
  readonly atMs: number;
}

const burst = 25;
const refillMs = 300_000;

/** Lets 25 events of an object through at once and one more every 5 minutes: client-go's figures. */
export class SpamFilter {
  readonly #buckets = new BoundedMap<string, Bucket>(4096);

  /** Whether one more event of this object may be sent. */
  take(object: string, nowMs: number): boolean {
    const before = this.#buckets.get(object) ?? { tokens: burst, atMs: nowMs };
    const tokens = Math.min(burst, before.tokens + (nowMs - before.atMs) / refillMs);
    const allowed = tokens >= 1;
    this.#buckets.touch(object, { tokens: allowed ? tokens - 1 : tokens, atMs: nowMs });
    return allowed;
  }
}

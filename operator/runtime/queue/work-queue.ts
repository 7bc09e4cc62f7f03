import { type Clock, systemClock } from '../clock.ts';
import { Delays } from './delays.ts';
import { ItemBackoff } from './item-backoff.ts';
import { noMetrics, type QueueMetrics } from './metrics.ts';

export interface WorkQueueOptions<Item> {
  /** Items of one key are the same item. */
  readonly key: (item: Item) => string;
  readonly clock?: Clock;
  readonly backoff?: ItemBackoff;
  readonly metrics?: QueueMetrics;
  /** How many keys may wait; a fuse against keys that are made up without end. */
  readonly capacity?: number;
}

/** More keys wait than the queue may hold. */
export class QueueFull extends Error {
  readonly code = 'QueueFull';
  constructor(capacity: number, key: string) {
    super(
      `${capacity} items wait already: ${key} is not taken in; its workers are stuck or its keys are not objects' names`,
    );
    this.name = 'QueueFull';
  }
}

interface Entry<Item> {
  readonly item: Item;
  readonly addedMs: number;
}

/**
 * A queue of things to look at, as client-go's: an item that waits is not added again; one that is added while a worker
 * has it comes back once that worker is done; so no item is ever with two workers and no addition is lost.
 */
export class WorkQueue<Item> {
  readonly #key: (item: Item) => string;
  readonly #clock: Clock;
  readonly #backoff: ItemBackoff;
  readonly #metrics: QueueMetrics;
  readonly #capacity: number;
  /** To be taken, in order. */
  readonly #ready = new Map<string, Entry<Item>>();
  /** With a worker, and since when. */
  readonly #processing = new Map<string, number>();
  /** Added while with a worker. */
  readonly #again = new Map<string, Entry<Item>>();
  readonly #delays = new Delays<Item>();
  readonly #takers = new Set<(item: Item | null) => void>();
  readonly #drained = Promise.withResolvers<void>();
  #cancelTimer = (): void => {};
  #shuttingDown = false;

  constructor(options: WorkQueueOptions<Item>) {
    const { key, clock = systemClock, backoff = new ItemBackoff(), metrics = noMetrics, capacity = 100_000 } = options;
    this.#key = key;
    this.#clock = clock;
    this.#backoff = backoff;
    this.#metrics = metrics;
    this.#capacity = capacity;
  }

  /** How many items wait to be taken, those that wait for their time left out. */
  get depth(): number {
    return this.#ready.size + this.#again.size;
  }

  /** Adds an item unless it waits already. Throws QueueFull. */
  add(item: Item): void {
    const key = this.#key(item);
    if (this.#shuttingDown || this.#ready.has(key) || this.#again.has(key)) return;
    this.#refuseOverflow(key);
    const entry = { item, addedMs: this.#clock.monotonic() };
    if (this.#processing.has(key)) this.#again.set(key, entry);
    else this.#enqueue(key, entry);
    this.#metrics.depth(this.depth);
  }

  /** Adds an item after `ms`; of several such times the earliest counts. Throws QueueFull. */
  addAfter(item: Item, ms: number): void {
    if (ms <= 0) {
      this.add(item);
      return;
    }
    if (this.#shuttingDown) return;
    const key = this.#key(item);
    if (!this.#delays.has(key)) this.#refuseOverflow(key);
    this.#delays.add({ key, item, atMs: this.#clock.monotonic() + ms });
    this.#setTimer();
  }

  /** Adds an item after the pause that its failures in a row have earned, and no sooner than `leastMs`. */
  addRateLimited(item: Item, leastMs = 0): void {
    this.#metrics.retry();
    this.addAfter(item, Math.max(this.#backoff.next(this.#key(item)), leastMs));
  }

  /** The item went well: its next failure is its first. */
  forget(item: Item): void {
    this.#backoff.forget(this.#key(item));
  }

  /** How often the item failed in a row. */
  failures(item: Item): number {
    return this.#backoff.failures(this.#key(item));
  }

  /** The next item, as soon as there is one; null once the queue is shut down and empty, or `signal` aborts. */
  async get(signal?: AbortSignal): Promise<Item | null> {
    if (signal?.aborted) return null;
    const next = this.#take();
    if (next !== null || this.#shuttingDown) return next;
    const { promise, resolve } = Promise.withResolvers<Item | null>();
    const onAbort = (): void => {
      // Only a taker that has not been served may leave with nothing.
      if (this.#takers.delete(resolve)) resolve(null);
    };
    this.#takers.add(resolve);
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      return await promise;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** The worker is done with an item that it got; without this the item never comes back. */
  done(item: Item): void {
    const key = this.#key(item);
    const sinceMs = this.#processing.get(key);
    if (sinceMs === undefined) return;
    this.#processing.delete(key);
    this.#metrics.workDuration(this.#clock.monotonic() - sinceMs);
    const again = this.#again.get(key);
    if (again) {
      this.#again.delete(key);
      this.#enqueue(key, again);
    }
    this.#metrics.depth(this.depth);
    this.#settle();
  }

  /** Takes nothing in any more and forgets what waits for its time; what is ready is still handed out. */
  shutdown(): void {
    this.#shuttingDown = true;
    this.#cancelTimer();
    this.#delays.clear();
    this.#settle();
  }

  /** Resolves when the queue is shut down, nothing is ready and no worker has an item. */
  async drained(): Promise<void> {
    await this.#drained.promise;
  }

  #enqueue(key: string, entry: Entry<Item>): void {
    this.#ready.set(key, entry);
    const [taker] = this.#takers;
    if (!taker) return;
    this.#takers.delete(taker);
    taker(this.#take());
  }

  #take(): Item | null {
    for (const [key, { item, addedMs }] of this.#ready) {
      this.#ready.delete(key);
      const nowMs = this.#clock.monotonic();
      this.#processing.set(key, nowMs);
      this.#metrics.queueDuration(nowMs - addedMs);
      this.#metrics.depth(this.depth);
      return item;
    }
    return null;
  }

  #settle(): void {
    if (!this.#shuttingDown || this.depth > 0) return;
    for (const resolve of this.#takers) resolve(null);
    this.#takers.clear();
    if (this.#processing.size === 0) this.#drained.resolve();
  }

  #setTimer(): void {
    this.#cancelTimer();
    const atMs = this.#delays.nextMs();
    if (atMs === null) return;
    this.#cancelTimer = this.#clock.after(Math.max(atMs - this.#clock.monotonic(), 0), () => this.#ripen());
  }

  #ripen(): void {
    const nowMs = this.#clock.monotonic();
    for (let due = this.#delays.take(nowMs); due !== null; due = this.#delays.take(nowMs)) this.add(due.item);
    this.#setTimer();
  }

  #refuseOverflow(key: string): void {
    if (this.depth + this.#delays.size >= this.#capacity) throw new QueueFull(this.#capacity, key);
  }
}

/** What is due at a time. */
export interface Delayed<Item> {
  readonly key: string;
  readonly item: Item;
  readonly atMs: number;
}

/**
 * Items that wait for their time: a binary heap by time. Each key waits once, for the earliest time that was asked for.
 * Entries that an earlier one has replaced stay in the heap until their time and are passed over then.
 */
export class Delays<Item> {
  readonly #heap: Delayed<Item>[] = [];
  readonly #current = new Map<string, Delayed<Item>>();

  /** How many keys wait. */
  get size(): number {
    return this.#current.size;
  }

  has(key: string): boolean {
    return this.#current.has(key);
  }

  add(entry: Delayed<Item>): void {
    const waiting = this.#current.get(entry.key);
    if (waiting && waiting.atMs <= entry.atMs) return;
    this.#current.set(entry.key, entry);
    this.#heap.push(entry);
    this.#rise(this.#heap.length - 1);
  }

  /** When the next item is due; null where none waits. */
  nextMs(): number | null {
    this.#dropReplaced();
    return this.#heap[0]?.atMs ?? null;
  }

  /** Takes the next item that is due at `nowMs`; null where none is. */
  take(nowMs: number): Delayed<Item> | null {
    this.#dropReplaced();
    const first = this.#heap[0];
    if (!first || first.atMs > nowMs) return null;
    this.#pop();
    this.#current.delete(first.key);
    return first;
  }

  clear(): void {
    this.#heap.length = 0;
    this.#current.clear();
  }

  #dropReplaced(): void {
    for (let first = this.#heap[0]; first && this.#current.get(first.key) !== first; first = this.#heap[0]) this.#pop();
  }

  #pop(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#sink(0);
  }

  #rise(start: number): void {
    let child = start;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!this.#swapIfLater(parent, child)) return;
      child = parent;
    }
  }

  #sink(start: number): void {
    let parent = start;
    for (;;) {
      const left = 2 * parent + 1;
      const child = this.#at(left + 1) < this.#at(left) ? left + 1 : left;
      if (!this.#swapIfLater(parent, child)) return;
      parent = child;
    }
  }

  #at(index: number): number {
    return this.#heap[index]?.atMs ?? Number.POSITIVE_INFINITY;
  }

  #swapIfLater(parent: number, child: number): boolean {
    const above = this.#heap[parent];
    const below = this.#heap[child];
    if (!above || !below || above.atMs <= below.atMs) return false;
    this.#heap[parent] = below;
    this.#heap[child] = above;
    return true;
  }
}

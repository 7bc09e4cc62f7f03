/** Where the bytes of one connection leave the link. */
export interface Sink {
  write(bytes: Uint8Array): void;
  end(): void;
}

// Bytes due within this time of each other are written together, which at 100 Mbit/s (a segment each 0.12 ms) halves the
// wake-ups. Nothing is written early, so the first byte of a batch may be this much late; the last byte of a message is
// the last of its batch.
const batchMs = 0.15;

interface Part {
  readonly sink: Sink;
  readonly bytes: Uint8Array;
  readonly from: number;
  to: number;
}

interface Batch {
  readonly firstDueMs: number;
  dueMs: number;
  readonly parts: Part[];
}

/** Bytes on their way through one direction, in order, until they are due. */
export interface DeliveryQueue {
  /** Adds `bytes[from..to)`, due not before any that was added earlier; an empty range ends the sink. */
  add(sink: Sink, bytes: Uint8Array, from: number, to: number, dueMs: number): void;
  /** Writes all batches due at `nowMs` to their sinks, in order, each after a call of `before` with its due time. */
  takeDue(nowMs: number, before: (dueMs: number) => void): void;
  /** When the next batch is due; `Infinity`: none waits. */
  readonly nextMs: number;
}

export function createQueue(): DeliveryQueue {
  const batches: Batch[] = [];
  let head = 0;

  const last = (dueMs: number): Batch => {
    const tail = batches.length > head ? batches.at(-1) : undefined;
    if (tail !== undefined && dueMs <= tail.firstDueMs + batchMs) {
      tail.dueMs = dueMs;
      return tail;
    }
    const batch = { firstDueMs: dueMs, dueMs, parts: [] };
    batches.push(batch);
    return batch;
  };

  const dropTaken = () => {
    if (head === batches.length) batches.length = 0;
    else if (head >= 1024) batches.splice(0, head);
    else return;
    head = 0;
  };

  return {
    add(sink, bytes, from, to, dueMs) {
      const { parts } = last(dueMs);
      const part = parts.at(-1);
      if (part !== undefined && part.bytes === bytes && part.to === from && to > from) part.to = to;
      else parts.push({ sink, bytes, from, to });
    },
    takeDue(nowMs, before) {
      for (;;) {
        const batch = batches[head];
        if (batch === undefined || batch.dueMs > nowMs) break;
        head++;
        before(batch.dueMs);
        for (const { sink, bytes, from, to } of batch.parts) {
          if (to > from) sink.write(bytes.subarray(from, to));
          else sink.end();
        }
      }
      dropTaken();
    },
    get nextMs() {
      return batches[head]?.dueMs ?? Number.POSITIVE_INFINITY;
    },
  };
}

/** Bytes that crossed one direction together: the link was not idle from the first to the last. Times as in `monotonicMs`. */
export interface Burst {
  readonly firstInMs: number;
  readonly lastInMs: number;
  /** The last byte had passed at the link's rate. */
  readonly lastServedMs: number;
  /** The last byte was written to the other side; null: not yet. */
  readonly lastDeliveredMs: number | null;
  readonly payloadBytes: number;
  /** The most that waited, in bytes at the IP layer. */
  readonly queuePeakBytes: number;
}

export interface BurstLog {
  /** Bytes came in; `servedMs` and `dueMs`: when the last of them leaves the queue, and the link. */
  arrived(nowMs: number, payloadBytes: number, backlogBytes: number, servedMs: number, dueMs: number): void;
  /** All that was due up to `dueMs` has been written. */
  delivered(dueMs: number, nowMs: number): void;
  reset(): void;
  read(): { readonly bursts: readonly Burst[]; readonly omitted: number };
}

/** What a log holds: far more than the repetitions of a visit bring, and 0.7 MB as JSON for both directions. */
export const burstLimit = 4_096;
/** A sender that pauses no longer than this, between reads of its socket, goes on with its burst. */
const pauseMs = 0.25;

/** Keeps the first {@link burstLimit} bursts since the last reset, and counts the others. */
export function createBurstLog(): BurstLog {
  // Written on the way of every byte: numbers in fixed places leave nothing for the garbage collector.
  const column = () => new Float64Array(burstLimit);
  const firstIn = column();
  const lastIn = column();
  const served = column();
  const due = column();
  const deliveredAt = column();
  const payload = column();
  const peak = column();
  let count = 0;
  let omitted = 0;
  let nextToDeliver = 0;
  let idleFromMs = Number.NEGATIVE_INFINITY;

  return {
    arrived(nowMs, payloadBytes, backlogBytes, servedMs, dueMs) {
      const isNew = nowMs > idleFromMs + pauseMs;
      idleFromMs = servedMs;
      if (isNew && (count === burstLimit || omitted > 0)) omitted++;
      if (omitted > 0) return;
      if (isNew || count === 0) {
        firstIn[count] = nowMs;
        payload[count] = 0;
        peak[count] = 0;
        count++;
      }
      const last = count - 1;
      lastIn[last] = nowMs;
      served[last] = servedMs;
      due[last] = dueMs;
      deliveredAt[last] = Number.NaN;
      payload[last] = (payload[last] as number) + payloadBytes;
      peak[last] = Math.max(peak[last] as number, backlogBytes);
    },
    delivered(dueMs, nowMs) {
      while (nextToDeliver < count && (due[nextToDeliver] as number) <= dueMs) {
        if (Number.isNaN(deliveredAt[nextToDeliver])) deliveredAt[nextToDeliver] = nowMs;
        // The last one may grow yet.
        if (nextToDeliver === count - 1) return;
        nextToDeliver++;
      }
    },
    reset() {
      count = 0;
      omitted = 0;
      nextToDeliver = 0;
      idleFromMs = Number.NEGATIVE_INFINITY;
    },
    read() {
      const at = (values: Float64Array, index: number) => values[index] as number;
      const bursts = Array.from({ length: count }, (_, index): Burst => {
        const lastDeliveredMs = at(deliveredAt, index);
        return {
          firstInMs: at(firstIn, index),
          lastInMs: at(lastIn, index),
          lastServedMs: at(served, index),
          lastDeliveredMs: Number.isNaN(lastDeliveredMs) ? null : lastDeliveredMs,
          payloadBytes: at(payload, index),
          queuePeakBytes: Math.round(at(peak, index)),
        };
      });
      return { bursts, omitted };
    },
  };
}

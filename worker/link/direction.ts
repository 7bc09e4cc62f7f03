import type { LinkDirection } from '../../api/messages/link.ts';
import { type Burst, createBurstLog } from './bursts.ts';
import { createFluid } from './fluid.ts';
import { createQueue, type Sink } from './queue.ts';
import type { Shaper } from './shaper.ts';
import { millisecondsPerByte } from './wire.ts';

/** One direction of the link, shared by all connections, between the sockets and the model. */
export interface Direction {
  /** Delivers what is on its way and shapes from now on by `profile`; null: bytes pass at once. */
  configure(profile: LinkDirection | null): void;
  push(sink: Sink, bytes: Uint8Array): void;
  /** Ends the sink after all that was pushed before. */
  finish(sink: Sink): void;
  /** Writes what is due. */
  pump(): void;
  /** When {@link pump} is needed next; `Infinity`: not before the next push. */
  readonly nextMs: number;
  /** Whether senders are to be held up; falls back to false in a {@link pump}. */
  readonly full: boolean;
  statistics(): { readonly payloadBytes: number; readonly queuePeakBytes: number };
  /** What crossed while shaped since the statistics were reset; `omitted`: how many bursts the log has no place for. */
  bursts(): { readonly bursts: readonly Burst[]; readonly omitted: number };
  resetStatistics(): void;
}

// What the emulator reads ahead of the link. While the model has a backlog, departures depend on the bytes before and
// the rate alone, not on when a byte arrived; so that is all that has to be true when reading stops, and it is: reading
// resumes at half, which up to 1 Gbit/s is more of the link's work than the 200 ms after which TCP probes a closed
// window (with 8 MiB the rate of one stream in ten was 1 to 20 % low). Memory is bounded by this and rate x delay.
const readAheadBytes = 64 * 1024 * 1024;
const readAheadMs = 500;

/** A direction without shaping; `nowMs` is a monotonic clock, `onDelivery` is told how late each was. */
export function createDirection(nowMs: () => number, onDelivery: (latenessMs: number) => void): Direction {
  const queue = createQueue();
  const log = createBurstLog();
  let shaper: Shaper | null = null;
  let queueLimitBytes = Number.POSITIVE_INFINITY;
  let holdAtBytes = readAheadBytes;
  let resumeAtMs = Number.POSITIVE_INFINITY;
  let payloadBytes = 0;
  let queuePeakBytes = 0;

  const offer = (model: Shaper, sink: Sink, bytes: Uint8Array) => {
    const arrivedMs = nowMs();
    let from = 0;
    let lastDueMs = arrivedMs;
    model.offer(arrivedMs, bytes.length, sink, (length, dueMs) => {
      queue.add(sink, bytes, from, from + length, dueMs);
      from += length;
      lastDueMs = dueMs;
    });
    const backlogBytes = model.backlogBytes(arrivedMs);
    const waitingBytes = Math.min(backlogBytes, queueLimitBytes);
    queuePeakBytes = Math.max(queuePeakBytes, waitingBytes);
    if (bytes.length > 0) log.arrived(arrivedMs, bytes.length, waitingBytes, model.backlogDownToMs(0), lastDueMs);
    if (backlogBytes >= holdAtBytes) resumeAtMs = model.backlogDownToMs(holdAtBytes / 2);
  };

  return {
    configure(profile) {
      queue.takeDue(Number.POSITIVE_INFINITY, () => {});
      shaper = profile === null ? null : createFluid(profile);
      queueLimitBytes = profile?.queueBytes ?? Number.POSITIVE_INFINITY;
      holdAtBytes = readAheadBytes;
      if (profile?.queueBytes !== undefined) {
        const leastBytes = Math.min(readAheadBytes, readAheadMs / millisecondsPerByte(profile.bitsPerSecond));
        holdAtBytes = Math.max(profile.queueBytes, leastBytes);
      }
      resumeAtMs = Number.POSITIVE_INFINITY;
    },
    push(sink, bytes) {
      payloadBytes += bytes.length;
      if (shaper === null) sink.write(bytes);
      else if (bytes.length > 0) offer(shaper, sink, bytes);
    },
    finish(sink) {
      if (shaper === null) sink.end();
      else offer(shaper, sink, new Uint8Array(0));
    },
    pump() {
      queue.takeDue(nowMs(), (dueMs) => {
        const deliveredMs = nowMs();
        onDelivery(deliveredMs - dueMs);
        log.delivered(dueMs, deliveredMs);
      });
      if (nowMs() >= resumeAtMs) resumeAtMs = Number.POSITIVE_INFINITY;
    },
    get nextMs() {
      return Math.min(queue.nextMs, resumeAtMs);
    },
    get full() {
      return resumeAtMs !== Number.POSITIVE_INFINITY;
    },
    statistics: () => ({ payloadBytes, queuePeakBytes: Math.round(queuePeakBytes) }),
    bursts: () => log.read(),
    resetStatistics() {
      payloadBytes = 0;
      queuePeakBytes = 0;
      log.reset();
    },
  };
}

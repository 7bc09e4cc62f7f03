import { segmentHeaderBytes, segmentPayloadBytes, wireBytes } from '../../link/wire.ts';

/** A run of equal messages, sent at once, that the receiver times. */
export interface Train {
  readonly chunkBytes: number;
  readonly chunks: number;
}

/** The completion of one message: bytes on the wire up to then, and when it was seen. */
export interface Arrival {
  readonly wireBytes: number;
  readonly atMs: number;
}

const trainMs = 20;
const leastBytes = 16 * 1024;
const mostBytes = 4 * 1024 * 1024;
const leastChunkBytes = 1024;
const chunksOfLongTrain = 32;

/** Bytes for a train of about 20 ms at a rate, between 16 KiB and 4 MiB. */
export function trainBytes(bitsPerSecond: number): number {
  return Math.min(mostBytes, Math.max(leastBytes, Math.round((bitsPerSecond / 8000) * trainMs)));
}

/** Divides a train into messages of equal size, 32 of them or fewer of 1 KiB. */
export function planTrain(bytes: number): Train {
  const chunkBytes = Math.max(leastChunkBytes, Math.ceil(bytes / chunksOfLongTrain));
  return { chunkBytes, chunks: Math.ceil(bytes / chunkBytes) };
}

/**
 * Where on the wire each of `times.length` messages of `frameBytes` bytes was complete, when they are sent back to back
 * on an idle link: a message is there with the whole segment that holds its last byte.
 */
export function arrivals(times: readonly number[], frameBytes: number): Arrival[] {
  const allBytes = wireBytes(times.length * frameBytes);
  return times.map((atMs, index) => {
    const segments = Math.ceil(((index + 1) * frameBytes) / segmentPayloadBytes);
    return { wireBytes: Math.min(allBytes, segments * (segmentPayloadBytes + segmentHeaderBytes)), atMs };
  });
}

/** The rate at which a train was served, and how far the evidence for it lies apart. */
export interface ServiceRate {
  readonly bitsPerSecond: number;
  /** The distance between the quartiles of the slopes, relative to their median: 0 on an undisturbed link. */
  readonly spread: number;
}

/**
 * The rate at which the messages were served: the median of the slopes between all pairs at least half a train apart
 * (after Theil and Sen), which one late arrival at either end does not move. Null when nothing can be told.
 */
export function serviceRate(list: readonly Arrival[]): ServiceRate | null {
  const apart = Math.max(1, Math.floor(list.length / 2));
  const slopes = list.flatMap((from, i) =>
    list
      .slice(i + apart)
      .filter((to) => to.atMs > from.atMs)
      .map((to) => ((to.wireBytes - from.wireBytes) * 8000) / (to.atMs - from.atMs)),
  );
  slopes.sort((a, b) => a - b);
  const quartile = (n: number) => slopes[Math.floor(((slopes.length - 1) * n) / 4)];
  const [low, median, high] = [quartile(1), quartile(2), quartile(3)];
  if (low === undefined || median === undefined || high === undefined) return null;
  return { bitsPerSecond: median, spread: (high - low) / median };
}

/** Bytes of a NATS message without headers as its publisher writes it: `PUB <subject> <size>`. */
export function publishBytes(subject: string, payloadBytes: number): number {
  return `PUB ${subject} ${payloadBytes}\r\n\r\n`.length + payloadBytes;
}

/** Bytes of the same message as the server writes it to a subscriber: `MSG <subject> <subscription> <size>`. */
export function deliverBytes(subject: string, subscription: number, payloadBytes: number): number {
  return `MSG ${subject} ${subscription} ${payloadBytes}\r\n\r\n`.length + payloadBytes;
}

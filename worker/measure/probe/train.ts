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

/** The rate at which a train was served, and how much of the train speaks for it. */
export interface ServiceRate {
  readonly bitsPerSecond: number;
  /** The share of the train, in bytes, between the first and the last message that came when this rate says. */
  readonly support: number;
}

const onTimeMs = 0.1;

/**
 * The rate at which the messages were served. A receiver sees a message when it was served or later, never earlier, and
 * of those that it reads at once only the last is on time: so the service is the line below all arrivals that lies
 * closest to them, the edge of their lower convex hull over their mean (as Moon, Skelly and Towsley 1999 find the skew
 * of a clock from delays). Null when nothing can be told.
 */
export function serviceRate(list: readonly Arrival[]): ServiceRate | null {
  const mean = list.reduce((sum, { wireBytes: bytes }) => sum + bytes, 0) / list.length;
  const hull = lowerHull(list);
  // An edge without rise is a receiver that was away; the hull rises behind it.
  const right = hull.findIndex(
    ({ wireBytes: bytes, atMs }, index) => bytes >= mean && atMs > (hull[index - 1]?.atMs ?? atMs),
  );
  const [from, to] = [hull[right - 1], hull[right]];
  if (!from || !to) return null;
  const msPerByte = (to.atMs - from.atMs) / (to.wireBytes - from.wireBytes);
  const onTime = list.filter(
    ({ wireBytes: bytes, atMs }) => atMs - from.atMs - (bytes - from.wireBytes) * msPerByte <= onTimeMs,
  );
  const [first, last, all] = [onTime[0], onTime.at(-1), (list.at(-1)?.wireBytes ?? 0) - (list[0]?.wireBytes ?? 0)];
  return { bitsPerSecond: 8000 / msPerByte, support: first && last ? (last.wireBytes - first.wireBytes) / all : 0 };
}

/** The corners of the lower convex hull of arrivals in the order of their bytes (Andrew's monotone chain). */
function lowerHull(list: readonly Arrival[]): Arrival[] {
  const hull: Arrival[] = [];
  for (const next of list) {
    for (let last = hull.at(-1), before = hull.at(-2); last && before; last = hull.at(-1), before = hull.at(-2)) {
      const rise = (last.atMs - before.atMs) * (next.wireBytes - before.wireBytes);
      if (rise < (next.atMs - before.atMs) * (last.wireBytes - before.wireBytes)) break;
      hull.pop();
    }
    hull.push(next);
  }
  return hull;
}

/** Bytes of a NATS message without headers as its publisher writes it: `PUB <subject> <size>`. */
export function publishBytes(subject: string, payloadBytes: number): number {
  return `PUB ${subject} ${payloadBytes}\r\n\r\n`.length + payloadBytes;
}

/** Bytes of the same message as the server writes it to a subscriber: `MSG <subject> <subscription> <size>`. */
export function deliverBytes(subject: string, subscription: number, payloadBytes: number): number {
  return `MSG ${subject} ${subscription} ${payloadBytes}\r\n\r\n`.length + payloadBytes;
}

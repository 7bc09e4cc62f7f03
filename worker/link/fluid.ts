import type { Shaper } from './shaper.ts';
import { millisecondsPerByte, type Rate, segmentHeaderBytes, segmentPayloadBytes } from './wire.ts';

/**
 * The Fluid model of one direction: a rate and a delay. Bytes depart in order at the rate, `dep = max(now, previous
 * dep) + wire bytes / rate`, a segment as a whole, and are delivered `delayMs` later. The last segment is filled up
 * as long as it waits, so that a backlogged stream is charged full segments however it was written.
 */
export function createFluid({ bitsPerSecond, delayMs }: Rate): Shaper {
  const msPerByte = millisecondsPerByte(bitsPerSecond);
  // Times within a busy period come from its start and a byte count: adding up milliseconds would add up their rounding.
  let busySinceMs = Number.NEGATIVE_INFINITY;
  let busyBytes = 0;
  let tail = { flow: undefined as object | undefined, payloadBytes: 0, startsAtBytes: 0 };
  const atMs = (bytes: number) => busySinceMs + bytes * msPerByte;

  return {
    offer(nowMs, bytes, flow, deliver) {
      if (!(atMs(busyBytes) > nowMs)) {
        busySinceMs = nowMs;
        busyBytes = 0;
        tail.flow = undefined;
      }
      let left = bytes;
      if (tail.flow === flow && atMs(tail.startsAtBytes) > nowMs) {
        const fill = Math.min(left, segmentPayloadBytes - tail.payloadBytes);
        if (fill > 0) {
          tail.payloadBytes += fill;
          busyBytes += fill;
          left -= fill;
          deliver(fill, atMs(busyBytes) + delayMs);
        }
      }
      while (left > 0) {
        const payloadBytes = Math.min(left, segmentPayloadBytes);
        tail = { flow, payloadBytes, startsAtBytes: busyBytes };
        busyBytes += payloadBytes + segmentHeaderBytes;
        left -= payloadBytes;
        deliver(payloadBytes, atMs(busyBytes) + delayMs);
      }
      if (bytes === 0) deliver(0, atMs(busyBytes) + delayMs);
    },
    backlogBytes: (nowMs) => Math.max(0, (atMs(busyBytes) - nowMs) / msPerByte),
    backlogDownToMs: (bytes) => atMs(busyBytes - bytes),
  };
}

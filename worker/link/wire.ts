/** Payload bytes in a full TCP segment: an MTU of 1,500 less 20 bytes of IPv4, 20 of TCP and 12 of timestamps. */
export const segmentPayloadBytes = 1448;
/** Bytes of IP and TCP header that every segment carries. */
export const segmentHeaderBytes = 52;

/** One direction of a link: its rate at the IP layer and its one-way minimum delay. */
export interface Rate {
  readonly bitsPerSecond: number;
  readonly delayMs: number;
}

/** Milliseconds that one byte takes at a rate. */
export function millisecondsPerByte(bitsPerSecond: number): number {
  return 8000 / bitsPerSecond;
}

/** Bytes at the IP layer for `payloadBytes` sent as one backlogged TCP stream: full segments, then a partial one. */
export function wireBytes(payloadBytes: number): number {
  return payloadBytes + Math.ceil(payloadBytes / segmentPayloadBytes) * segmentHeaderBytes;
}

/**
 * Milliseconds from the first byte offered to the last byte delivered when `payloadBytes` cross an idle Fluid link.
 * This is the link's share of a record's `ideal`; the emulator's schedule is the same by a property test.
 */
export function fluidTransferMs(payloadBytes: number, rate: Rate): number {
  return wireBytes(payloadBytes) * millisecondsPerByte(rate.bitsPerSecond) + rate.delayMs;
}

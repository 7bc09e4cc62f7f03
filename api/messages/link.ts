import { z } from 'zod';

/** One direction of a link as the emulator is asked for it. */
const linkDirectionSchema = z.strictObject({
  /** At the IP layer: 1,500 bytes for each 1,448 bytes of payload. */
  bitsPerSecond: z.number().min(100_000).max(100_000_000_000),
  /** One way, the least that any byte takes. */
  delayMs: z.number().min(0).max(60_000),
  /** The queue's limit; absent: none. Fluid drops nothing: a full queue holds up the sender. */
  queueBytes: z.int().min(3_000).max(1_000_000_000).optional(),
});
export type LinkDirection = z.infer<typeof linkDirectionSchema>;

/** What the emulator does to each direction; `null`: nothing, bytes pass as they come. */
export const linkProfileSchema = z
  .strictObject({ uplink: linkDirectionSchema, downlink: linkDirectionSchema })
  .nullable();
export type LinkProfile = z.infer<typeof linkProfileSchema>;

/** Request `link.configure`: from now on the link is this. What is on its way is delivered; statistics start anew. */
export const configureLinkSchema = z.strictObject({ profile: linkProfileSchema });
export type ConfigureLink = z.infer<typeof configureLinkSchema>;

const directionStatusSchema = z.object({
  /** Payload bytes taken in since the statistics were reset. */
  payloadBytes: z.number(),
  /** The most that waited for the link, in bytes at the IP layer. */
  queuePeakBytes: z.number(),
});

/**
 * Bytes that crossed one direction together, a burst an index: the link was not idle from its first byte to its last.
 * Milliseconds of the monotonic clock of the emulator's host.
 */
const burstsSchema = z.object({
  firstInMs: z.array(z.number()),
  lastInMs: z.array(z.number()),
  /** The last byte had passed at the link's rate. */
  lastServedMs: z.array(z.number()),
  /** The last byte was written to the other side; null: not yet. */
  lastDeliveredMs: z.array(z.number().nullable()),
  payloadBytes: z.array(z.number()),
  /** The most that waited, in bytes at the IP layer. */
  queuePeakBytes: z.array(z.number()),
  /** Later bursts that the log had no place for. */
  omitted: z.int(),
});
const linkBurstsSchema = z.object({ uplink: burstsSchema, downlink: burstsSchema });
export type LinkBursts = z.infer<typeof linkBurstsSchema>;

/** Reply to `link.configure` and `link.status`; to a request that is refused, and changes nothing, an `ErrorReply`. */
export const linkStatusSchema = z.object({
  /** Another after every start of the emulator: a changed one means that the profile is gone. */
  instance: z.string(),
  /** Where data connections are accepted. */
  port: z.int(),
  profile: linkProfileSchema,
  connections: z.int(),
  uplink: directionStatusSchema,
  downlink: directionStatusSchema,
  /** How much later than due bytes were written, both directions together; null while nothing was delayed. */
  lateness: z.object({
    count: z.number(),
    p50Ms: z.number().nullable(),
    p99Ms: z.number().nullable(),
    maxMs: z.number().nullable(),
  }),
  /** Where it was asked for. */
  bursts: linkBurstsSchema.optional(),
});
export type LinkStatus = z.infer<typeof linkStatusSchema>;

/** Request `link.status`; an empty message asks for no reset. */
export const linkStatusRequestSchema = z.strictObject({
  resetStatistics: z.boolean().default(false),
  /** Asks for the bursts since the last reset too; up to 0.7 MB. */
  bursts: z.boolean().default(false),
});
export type LinkStatusRequest = z.input<typeof linkStatusRequestSchema>;

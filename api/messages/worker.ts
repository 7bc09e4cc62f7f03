import { z } from 'zod';
import { cutSchema } from '../cut.ts';
import { machineSchema, usageSchema } from '../record/record.ts';

const count = z.int().nonnegative();

/** A worker says that it is there. Of several for one lane and side, the highest `podAttempt` counts. */
export const announcementSchema = z.strictObject({
  side: z.enum(['local', 'remote']),
  lane: count,
  podAttempt: count,
  /** Changes with every start of the process. */
  instance: z.string(),
  toolVersion: z.string(),
  modelDigest: z.string(),
  /** Equal on both sides when they run under one kernel. */
  bootId: z.string().nullable(),
  runtime: z.strictObject({ name: z.string(), version: z.string() }),
  machine: machineSchema,
  /** Null outside a cluster. */
  podUid: z.string().nullable(),
  /** Where in the cluster its pod and container are; null outside one. */
  kubernetes: z.strictObject({ namespace: z.string(), container: z.string() }).nullable().default(null),
  /** Of the process as its own container sees it; null: not said. */
  process: z.strictObject({ pid: count, nodeVersion: z.string() }).nullable().default(null),
  memoryTotalBytes: z.number().nullable(),
});

/** Digest and number of visits of an experiment's plan. */
export const planMessageSchema = z.strictObject({ digest: z.string(), total: count, warnings: z.array(z.string()) });

/** An attempt at a visit has begun. */
export const beginMessageSchema = z.strictObject({ podAttempt: count, startedAt: z.iso.datetime() });

/** Asks the remote worker to close its session and open the one for a cut, a baseline standing for the whole model. */
export const prepareRequestSchema = z.strictObject({
  /** Names the request: when it comes again, because its answer was lost, it is answered again and nothing is opened anew. */
  request: z.string().min(1).max(64),
  kind: cutSchema.shape.kind.exclude(['LocalOnly']),
  tensors: z.array(z.string()),
  batchSize: z.int().positive(),
  /** The local worker's: one that was superseded must not take the session from its successor. */
  podAttempt: count,
  /** Both workers share the cores of one machine. */
  sharedHost: z.boolean(),
});
export const prepareReplySchema = z.strictObject({ loadMilliseconds: z.number() });

/** Starts or ends the time over which a worker's use of its machine is counted; the reply to `Stop` has the usage. */
export const usageRequestSchema = z.strictObject({ action: z.enum(['Start', 'Stop']) });
export const usageReplySchema = z.strictObject({ usage: usageSchema.nullable() });

/** What any request to a worker or to the link emulator may be answered with instead. */
export const errorReplySchema = z.strictObject({ error: z.strictObject({ code: z.string(), message: z.string() }) });

export type BeginMessage = z.infer<typeof beginMessageSchema>;
export type ErrorReply = z.infer<typeof errorReplySchema>;
export type Announcement = z.infer<typeof announcementSchema>;
export type PlanMessage = z.infer<typeof planMessageSchema>;
export type PrepareRequest = z.infer<typeof prepareRequestSchema>;
export type PrepareReply = z.infer<typeof prepareReplySchema>;

import { z } from 'zod';
import { FrameInvalid } from './errors.ts';
import type { Meta } from './frame.ts';

/** What the remote side says about its part of an exchange, in ms of its own clock. */
const remoteMarksSchema = z.strictObject({
  firstChunkMs: z.number(),
  lastChunkMs: z.number(),
  startedMs: z.number(),
  decodedMs: z.number(),
  finishedMs: z.number(),
});
const busySchema = z.strictObject({ startMs: z.number(), endMs: z.number(), activeMs: z.number() });

const requestSchema = z.strictObject({
  transfer: z.enum(['Sequential', 'Pipelined']),
  meta: z.record(z.string(), z.unknown()),
});
const replySchema = z.strictObject({
  meta: z.record(z.string(), z.unknown()),
  marks: remoteMarksSchema.optional(),
  decode: busySchema.optional(),
  error: z.strictObject({ name: z.string(), code: z.string(), message: z.string() }).optional(),
});

export type RemoteMarks = z.infer<typeof remoteMarksSchema>;
export type RequestEnvelope = z.infer<typeof requestSchema>;
export type ReplyEnvelope = z.infer<typeof replySchema>;

/** Reads what stands around a request's own `meta`; throws {@link FrameInvalid}. */
export function readRequest(meta: Meta): RequestEnvelope {
  return read(requestSchema, meta, 'a request');
}

/** Reads what stands around a reply's own `meta`; throws {@link FrameInvalid}. */
export function readReply(meta: Meta): ReplyEnvelope {
  return read(replySchema, meta, 'a reply');
}

function read<T>(schema: z.ZodType<T>, meta: Meta, what: string): T {
  const result = schema.safeParse(meta);
  if (result.success) return result.data;
  throw new FrameInvalid(`its meta is not that of ${what}`, { cause: result.error });
}

/** An error as it travels. */
export function errorOf(error: unknown): NonNullable<ReplyEnvelope['error']> {
  if (!(error instanceof Error)) return { name: 'Error', code: 'UNKNOWN', message: String(error) };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  return { name: error.name, code, message: error.message };
}

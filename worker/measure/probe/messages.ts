import { z } from 'zod';

const id = z.int().min(0).max(0xffff_ffff);
const trainSchema = z.object({ chunkBytes: z.int().min(16).max(1_000_000), chunks: z.int().min(1).max(1024) });

/** From local to remote. */
export const probeRequestSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ping'), id }),
  z.object({ type: z.literal('sendTrain'), id, train: trainSchema }),
]);
export type ProbeRequest = z.infer<typeof probeRequestSchema>;

/** From remote to local. */
export const probeReplySchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('pong'), id }),
  /** When each message of an uplink train arrived, in milliseconds of the remote's own clock. */
  z.object({ type: z.literal('arrivals'), id, times: z.array(z.number()).max(1024) }),
]);
export type ProbeReply = z.infer<typeof probeReplySchema>;

// A message of a train starts with four numbers of 32 bits: 0, the train's id, the message's place, and their count.
const headerBytes = 16;

/** One message of a train as its receiver sees it. */
export interface Chunk {
  readonly id: number;
  readonly index: number;
  readonly chunks: number;
}

/** Writes one message of a train, `bytes` long. */
export function encodeChunk({ id, index, chunks }: Chunk, bytes: number): Uint8Array {
  const data = new Uint8Array(bytes);
  const view = new DataView(data.buffer);
  for (const [place, value] of [0, id, index, chunks].entries()) view.setUint32(4 * place, value, true);
  return data;
}

/** Reads a message's header; null when the message is not of a train but JSON. */
export function decodeChunk(data: Uint8Array): Chunk | null {
  if (data.length < headerBytes || data[0] !== 0) return null;
  const view = new DataView(data.buffer, data.byteOffset, headerBytes);
  return { id: view.getUint32(4, true), index: view.getUint32(8, true), chunks: view.getUint32(12, true) };
}

/** Collects the arrival times of one train at a time; a message out of its place starts over or is dropped. */
export function createTrainReceiver(nowMs: () => number) {
  let id: number | undefined;
  let times: number[] = [];
  return {
    /** Takes a message at the moment it arrives; the times of all once the train is complete, else null. */
    take(chunk: Chunk): readonly number[] | null {
      const atMs = nowMs();
      if (chunk.index === 0) {
        id = chunk.id;
        times = [];
      }
      if (chunk.id !== id || chunk.index !== times.length) return null;
      times.push(atMs);
      if (times.length < chunk.chunks) return null;
      id = undefined;
      return times;
    },
  };
}

/** Reads a JSON message; null when it is none of the schema's. */
export function parseMessage<T extends z.ZodType>(schema: T, data: Uint8Array): z.infer<T> | null {
  try {
    return schema.parse(JSON.parse(Buffer.from(data).toString()));
  } catch {
    return null;
  }
}

import { chunksOf } from './chunks.ts';
import type { Connection } from './connection.ts';
import { LinkInterrupted } from './errors.ts';
import type { EncodedFrame } from './frame.ts';
import { chunkHeaders, headerBytes, publishedBytes } from './protocol.ts';

/** Chosen by measurement, with the window: docs/decisions/0010-tensors-over-nats.md. */
export const defaultChunkBytes = 20 * 1024;
/** Published bytes after which the kernel is asked; at most twice as much waits in this process. */
const windowBytes = 512 * 1024;

export interface SendOptions {
  readonly id: string;
  readonly traceparent?: string | undefined;
  /** Where the server answers at once when nobody listens to the first chunk. */
  readonly reply?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly chunkBytes?: number | undefined;
  /** Called when the first chunk was handed to the client. */
  readonly onFirstChunk?: () => void;
}

/** What a frame took: its own bytes, and those on the wire with NATS' protocol and headers. */
export interface Sent {
  readonly frameBytes: number;
  readonly applicationBytes: number;
}

/**
 * Publishes a frame chunk by chunk and resolves when its last byte is in the kernel's hands. Only as much is taken from
 * the frame's pieces as the socket accepts, so that encoding overlaps with sending where pieces are made on the way.
 * Throws {@link LinkInterrupted} when the connection breaks, or the signal's reason.
 */
export async function sendFrame(
  connection: Connection,
  subject: string,
  frame: { readonly pieces: Iterable<Uint8Array>; readonly size: EncodedFrame['size'] },
  options: SendOptions,
): Promise<Sent> {
  let offset = 0;
  let applicationBytes = 0;
  let unasked = 0;
  let earlier: Promise<void> = Promise.resolve();
  const interruption = watch(connection);
  try {
    for (const { chunk, last } of marked(chunksOf(frame.pieces, options.chunkBytes ?? defaultChunkBytes))) {
      interruption.check();
      options.signal?.throwIfAborted();
      const exact = frame.size.exact || last;
      const size = last ? offset + chunk.length : frame.size.bytes;
      const place = { id: options.id, offset, size, exact };
      const headers = chunkHeaders(place, offset === 0 ? options.traceparent : undefined);
      const reply = offset === 0 ? options.reply : undefined;
      connection.client.publish(subject, chunk, { headers, ...(reply !== undefined && { reply }) });
      if (offset === 0) options.onFirstChunk?.();
      offset += chunk.length;
      applicationBytes += publishedBytes(subject, reply, headerBytes(headers), chunk.length);
      unasked += chunk.length;
      if (unasked >= windowBytes) {
        unasked = 0;
        await earlier;
        earlier = connection.handedOver();
        earlier.catch(() => {});
      }
    }
    await connection.handedOver();
    return { frameBytes: offset, applicationBytes };
  } finally {
    interruption.stop();
  }
}

function* marked(chunks: Iterable<Uint8Array>) {
  let held: Uint8Array | undefined;
  for (const chunk of chunks) {
    if (held !== undefined) yield { chunk: held, last: false };
    held = chunk;
  }
  if (held !== undefined) yield { chunk: held, last: true };
}

/** Notices an interruption that is over again by the time one looks: what was published before it may be lost. */
function watch(connection: Connection) {
  let error: LinkInterrupted | undefined;
  if (!connection.connected) error = new LinkInterrupted('the connection is down');
  const stop = connection.onInterruption((interruption) => {
    error ??= interruption;
  });
  return {
    stop,
    check() {
      if (error !== undefined) throw error;
    },
  };
}

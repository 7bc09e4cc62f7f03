import type { Codec } from '../../api/manifest/codec.ts';
import type { Tensor } from '../tensor.ts';
import type { Connection } from './connection.ts';
import { errorOf, type RemoteMarks, type ReplyEnvelope, readRequest } from './envelope.ts';
import { LinkInterrupted, RemoteBusy } from './errors.ts';
import { encodeFrame, type Meta } from './frame.ts';
import { arenaPool } from './pool.ts';
import { deliveredBytes, readChunkHeaders } from './protocol.ts';
import { defaultLimits, frameReceiver, type ReceivedFrame, type ReceiveLimits } from './receive.ts';
import { sendFrame } from './send.ts';

/** One request as a handler sees it. `tensors` lie in memory that is used again once the handler has answered. */
export interface ServedRequest {
  readonly tensors: readonly Tensor[];
  readonly meta: Meta;
  readonly traceparent: string | undefined;
  readonly marks: Omit<RemoteMarks, 'finishedMs'>;
}

export type ExchangeHandler = (
  request: ServedRequest,
) => Promise<{ readonly tensors: readonly Tensor[]; readonly meta: Meta }>;

export interface ServeOptions {
  readonly connection: Connection;
  /** Subject on which requests arrive, and the one for replies. */
  readonly up: string;
  readonly down: string;
  readonly handler: ExchangeHandler;
  /** ms on this process's monotonic clock. */
  readonly now: () => number;
  readonly limits?: Partial<ReceiveLimits>;
  /** Told of frames that were given up and replies that could not be sent. */
  readonly log?: (message: string, error: Error) => void;
}

const asIs: Codec = { type: 'Float32', compression: 'None' };
const replyAttempts = 3;
const maxWaiting = 64;

/**
 * Answers the requests of an `Exchange`, one at a time in the order in which they were complete. An error of the handler
 * goes back to the other side. Resolves once requests are heard; `close` waits for the one that is being answered.
 */
export async function serveExchange(options: ServeOptions): Promise<AsyncDisposable & { close(): Promise<void> }> {
  const { connection, now } = options;
  const pool = arenaPool();
  const closing = new AbortController();
  const waiting: ReceivedFrame[] = [];
  let working: Promise<void> | undefined;

  const answer = async (id: string, envelope: ReplyEnvelope, tensors: readonly Tensor[]) => {
    const arena = pool.lease();
    try {
      for (let attempt = 1; ; attempt++) {
        try {
          await connection.ready(closing.signal);
          const frame = encodeFrame({ tensors, meta: envelope }, asIs, arena);
          await sendFrame(connection, options.down, frame, { id, signal: closing.signal });
          return;
        } catch (error) {
          if (!(error instanceof LinkInterrupted) || attempt === replyAttempts) throw error;
        }
      }
    } finally {
      pool.release(arena);
    }
  };
  const fail = (id: string, error: unknown) => answer(id, { meta: {}, error: errorOf(error) }, []);
  const report = (message: string) => (error: unknown) => {
    if (!closing.signal.aborted) options.log?.(message, error instanceof Error ? error : new Error(String(error)));
  };
  const handle = async (received: ReceivedFrame) => {
    const { id, traceparent, firstChunkMs, lastChunkMs } = received;
    try {
      const startedMs = now();
      const { frame, busy } = received.decode();
      const request = readRequest(frame.meta);
      const marks = { firstChunkMs, lastChunkMs, startedMs, decodedMs: now() };
      const { tensors, meta } = await options.handler({
        tensors: frame.tensors,
        meta: request.meta,
        traceparent,
        marks,
      });
      await answer(id, { meta, marks: { ...marks, finishedMs: now() }, decode: busy }, tensors);
    } catch (error) {
      await fail(id, error);
    } finally {
      pool.release(received.arena);
    }
  };
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      await handle(next).catch(report('a reply could not be sent'));
    }
    working = undefined;
  };
  const receiver = frameReceiver({
    limits: { ...defaultLimits, ...options.limits },
    now,
    lease: pool.lease,
    release: pool.release,
    onFrame(frame) {
      if (waiting.length >= maxWaiting) {
        pool.release(frame.arena);
        fail(frame.id, new RemoteBusy(maxWaiting)).catch(report('the other side could not be told'));
        return;
      }
      waiting.push(frame);
      working ??= work();
    },
    onDropped(id, error) {
      options.log?.(`frame ${id} was given up`, error);
      fail(id, error).catch(report('the other side could not be told'));
    },
    // An inference that runs must not share its time with the decoding of the next one.
    decodeEarly: (meta) => meta.transfer === 'Pipelined' && working === undefined,
    // An exchange sends one frame after the other.
    supersedes: (newer, older) => sessionOf(newer) === sessionOf(older),
  });
  const stopListening = connection.onInterruption((error) => receiver.dropAll(error));
  const subscription = connection.client.subscribe(options.up, {
    callback(error, message) {
      if (error) {
        options.log?.(`the subscription to ${options.up} failed`, error);
        return;
      }
      try {
        const { place, traceparent } = readChunkHeaders(message.headers);
        receiver.push(place, message.data, traceparent, deliveredBytes(message));
      } catch (invalid) {
        report('a message was ignored')(invalid);
      }
    },
  });
  await connection.client.flush();
  const close = async () => {
    closing.abort(new LinkInterrupted('the remote worker is closing'));
    stopListening();
    if (!subscription.isClosed()) subscription.unsubscribe();
    waiting.length = 0;
    receiver.dropAll(new LinkInterrupted('the remote worker is closing'));
    await working;
  };
  return { close, [Symbol.asyncDispose]: close };
}

function sessionOf(id: string): string {
  return id.slice(0, id.lastIndexOf('-'));
}

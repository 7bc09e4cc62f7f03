import type { Codec } from '../../api/manifest/codec.ts';
import { pause } from '../../store/pause.ts';
import type { Tensor } from '../tensor.ts';
import { Arena } from './codec/arena.ts';
import type { Connection } from './connection.ts';
import { type RemoteMarks, type ReplyEnvelope, readReply } from './envelope.ts';
import { ExchangeTimeout, LinkInterrupted, RemoteFailed } from './errors.ts';
import { type EncodedFrame, encodeFrame, type Meta } from './frame.ts';
import { arenaPool } from './pool.ts';
import { deliveredBytes, nobodyListens, readChunkHeaders } from './protocol.ts';
import { type Busy, defaultLimits, frameReceiver, type ReceivedFrame, type ReceiveLimits } from './receive.ts';
import { type Sent, sendFrame } from './send.ts';

export interface ExchangeOptions {
  readonly connection: Connection;
  /** Subject on which requests are sent, and the one of replies. */
  readonly up: string;
  readonly down: string;
  /** ms on this process's monotonic clock. */
  readonly now: () => number;
  readonly limits?: Partial<ReceiveLimits>;
  readonly chunkBytes?: number;
}

export interface ExchangeRequest {
  /** What to send; a file's bytes or pixels are a tensor of `uint8`. Not to be changed until the request settles. */
  readonly tensors: readonly Tensor[];
  readonly codec: Codec;
  /** Encode all, then send; or send each piece when it is encoded, and have it decoded when it arrives. */
  readonly transfer: 'Sequential' | 'Pipelined';
  /** A JSON object for the handler. */
  readonly meta: Meta;
  /** W3C trace context for the remote side. */
  readonly traceparent?: string;
  /** After an interruption: send again under a new id, or throw `LinkInterrupted`. */
  readonly resend: boolean;
  /** For everything, resending included. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** Marks of this side in ms of its clock: `encoded` is the first chunk's start when Pipelined, `sent` the last byte's. */
export interface LocalMarks {
  readonly encodeStartMs: number;
  readonly encodedMs: number;
  /** The last byte was handed to the kernel; where it is then, only the receiver knows. */
  readonly sentMs: number;
  readonly replyReceivedMs: number;
  readonly repliedMs: number;
}

export interface ExchangeResult {
  readonly reply: readonly Tensor[];
  readonly meta: Meta;
  readonly marks: LocalMarks & { readonly remote: RemoteMarks };
  readonly busy: {
    readonly encode: Busy;
    /** From the first chunk sent, on this side's clock, to the last received, on the remote side's. */
    readonly transfer: { readonly startMs: number; readonly endMs: number };
    /** On the remote side's clock. */
    readonly decode: Busy;
  };
  /** `application` counts a request's bytes on this connection's wire, with NATS' protocol and headers. */
  readonly bytes: {
    readonly encoded: number;
    readonly reply: number;
    readonly applicationUp: number;
    readonly applicationDown: number;
  };
  /** 1, or more after resending. */
  readonly attempts: number;
}

export interface Exchange extends AsyncDisposable {
  /**
   * Sends tensors and waits for the answer. Throws {@link LinkInterrupted}, {@link ExchangeTimeout},
   * {@link RemoteFailed} with the handler's error, `NotRepresentable` (Json), or the signal's reason.
   */
  request(request: ExchangeRequest): Promise<ExchangeResult>;
  close(): Promise<void>;
}

const resendDelayMs = 20;

interface Pending {
  resolve(frame: ReceivedFrame): void;
  reject(error: Error): void;
}

/** The local side of {@link serveExchange}, over any connection; ready when the promise resolves. */
export async function openExchange(options: ExchangeOptions): Promise<Exchange> {
  const { connection, now } = options;
  const pool = arenaPool();
  const pending = new Map<string, Pending>();
  const session = crypto.randomUUID().slice(0, 8);
  let requests = 0;
  let sending: Promise<unknown> = Promise.resolve();
  const rejectAll = (error: Error) => {
    for (const { reject } of [...pending.values()]) reject(error);
  };
  const receiver = frameReceiver({
    limits: { ...defaultLimits, ...options.limits },
    now,
    // Replies are the caller's to keep.
    lease: () => new Arena(0),
    release: () => {},
    onFrame: (frame) => pending.get(frame.id)?.resolve(frame),
    onDropped: (id, error) => pending.get(id)?.reject(error),
  });
  const stopListening = connection.onInterruption((error) => {
    receiver.dropAll(error);
    rejectAll(error);
  });
  const subscription = connection.client.subscribe(options.down, {
    callback(error, message) {
      if (error) {
        rejectAll(error);
        return;
      }
      if (nobodyListens(message)) {
        rejectAll(new LinkInterrupted(`no remote worker listens to ${options.up}`));
        return;
      }
      const chunk = tryRead(message.headers);
      // A reply to an earlier attempt, or to another process on this lane.
      if (chunk === undefined || !pending.has(chunk.place.id)) return;
      receiver.push(chunk.place, message.data, chunk.traceparent, deliveredBytes(message));
    },
  });
  await connection.client.flush();

  /** One frame after the other: interleaved, each would take as long as both. */
  const alone = async <T>(work: () => Promise<T>): Promise<T> => {
    const turn = sending.then(work);
    sending = turn.catch(() => {});
    return turn;
  };
  const attempt = async (request: ExchangeRequest, signal: AbortSignal, attempts: number): Promise<ExchangeResult> => {
    const id = `${session}-${requests++}`;
    const arena = pool.lease();
    const reply = Promise.withResolvers<ReceivedFrame>();
    reply.promise.catch(() => {});
    const stop = () => reply.reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    pending.set(id, reply);
    let handedToClient: Promise<unknown> = Promise.resolve();
    try {
      signal.throwIfAborted();
      if (!connection.connected) throw new LinkInterrupted('the connection is down');
      const send = (frame: Parameters<typeof sendFrame>[2], onFirstChunk: () => void) => {
        const { traceparent } = request;
        const sent = alone(() =>
          sendFrame(connection, options.up, frame, {
            id,
            traceparent,
            reply: options.down,
            signal,
            chunkBytes: options.chunkBytes,
            onFirstChunk,
          }),
        );
        handedToClient = sent.catch(() => {});
        // Ends at once with the signal, even while the socket accepts nothing.
        return Promise.race([sent, reply.promise.then(() => sent)]);
      };
      const envelope = { transfer: request.transfer, meta: request.meta };
      const encodeStartMs = now();
      const frame = encodeFrame({ tensors: request.tensors, meta: envelope }, request.codec, arena);
      const encoding = stopwatch(frame.pieces, now);
      const encoded =
        request.transfer === 'Sequential' ? gathered(encoding.pieces) : { ...frame, pieces: encoding.pieces };
      let encodedMs = now();
      let firstSentMs = encodedMs;
      const sent: Sent = await send(encoded, () => {
        firstSentMs = now();
        if (request.transfer === 'Pipelined') encodedMs = firstSentMs;
      });
      const sentMs = now();
      const received = await reply.promise;
      const { frame: answer } = received.decode();
      const envelopeOfReply = readReply(answer.meta);
      const { marks, decode } = accept(envelopeOfReply);
      const repliedMs = now();
      return {
        reply: answer.tensors,
        meta: envelopeOfReply.meta,
        marks: { encodeStartMs, encodedMs, sentMs, replyReceivedMs: received.lastChunkMs, repliedMs, remote: marks },
        busy: {
          encode: encoding.busy(),
          transfer: { startMs: firstSentMs, endMs: marks.lastChunkMs },
          decode,
        },
        bytes: {
          encoded: sent.frameBytes,
          reply: received.bytes,
          applicationUp: sent.applicationBytes,
          applicationDown: received.applicationBytes,
        },
        attempts,
      };
    } finally {
      pending.delete(id);
      signal.removeEventListener('abort', stop);
      // Pieces of an interrupted frame may still be read.
      handedToClient.finally(() => pool.release(arena));
    }
  };
  const request = async (request: ExchangeRequest): Promise<ExchangeResult> => {
    const deadline = new AbortController();
    const timer = setTimeout(
      () => deadline.abort(new ExchangeTimeout(request.timeoutMs, options.up)),
      request.timeoutMs,
    );
    const signal = request.signal ? AbortSignal.any([deadline.signal, request.signal]) : deadline.signal;
    try {
      for (let attempts = 1; ; attempts++) {
        try {
          return await attempt(request, signal, attempts);
        } catch (error) {
          if (!(error instanceof LinkInterrupted) || !request.resend) throw error;
          // The other side reconnects in its own time.
          await pause(resendDelayMs, signal);
          await connection.ready(signal);
        }
      }
    } finally {
      clearTimeout(timer);
    }
  };
  const close = async () => {
    stopListening();
    if (!subscription.isClosed()) subscription.unsubscribe();
    rejectAll(new LinkInterrupted('the exchange was closed'));
    await sending;
  };
  return { request, close, [Symbol.asyncDispose]: close };
}

function tryRead(headers: Parameters<typeof readChunkHeaders>[0]) {
  try {
    return readChunkHeaders(headers);
  } catch {
    return undefined;
  }
}

function accept({ error, marks, decode }: ReplyEnvelope) {
  if (error?.code === 'LINK_INTERRUPTED') throw new LinkInterrupted(`the remote worker: ${error.message}`);
  if (error !== undefined) throw new RemoteFailed(error.code, error.message);
  if (marks === undefined || decode === undefined) throw new RemoteFailed('FRAME_INVALID', 'its reply has no marks');
  return { marks, decode };
}

function gathered(pieces: Iterable<Uint8Array>): { pieces: Uint8Array[]; size: EncodedFrame['size'] } {
  const all = [...pieces];
  return { pieces: all, size: { bytes: all.reduce((sum, piece) => sum + piece.length, 0), exact: true } };
}

/** Counts the time in which pieces are made, not that in which they wait to be sent. */
function stopwatch(pieces: Iterator<Uint8Array, void, void>, now: () => number) {
  const startMs = now();
  let endMs = startMs;
  let activeMs = 0;
  const measured = function* () {
    for (;;) {
      const from = now();
      const next = pieces.next();
      endMs = now();
      activeMs += endMs - from;
      if (next.done) return;
      yield next.value;
    }
  };
  return { pieces: measured(), busy: (): Busy => ({ startMs, endMs, activeMs }) };
}

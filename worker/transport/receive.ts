import type { Arena } from './codec/arena.ts';
import { FrameInvalid, FrameTooLarge, LinkInterrupted } from './errors.ts';
import { type Frame, type FrameDecoder, frameDecoder, layoutMemory, type Meta } from './frame.ts';
import type { ChunkPlace } from './protocol.ts';

export interface ReceiveLimits {
  /** Bytes of a frame, and of the tensors in it; default 1 GiB. */
  readonly maxFrameBytes: number;
  /** Frames that are received at the same time; default 4. The oldest gives way to a new one. */
  readonly maxPartialFrames: number;
  /** Without a further chunk for so long, a frame is given up; default 120 s, since 128 KB take 10 s at 100 kbit/s. */
  readonly partialTimeoutMs: number;
}

export const defaultLimits: ReceiveLimits = {
  maxFrameBytes: 1024 ** 3,
  maxPartialFrames: 4,
  partialTimeoutMs: 120_000,
};

/** Start and end of an activity in ms of one clock, and how long of that it was at work. */
export interface Busy {
  readonly startMs: number;
  readonly endMs: number;
  readonly activeMs: number;
}

/** A frame that has arrived; `decode` may be called once, and `arena` is to be released after use. */
export interface ReceivedFrame {
  readonly id: string;
  readonly traceparent: string | undefined;
  readonly bytes: number;
  /** On the wire, with NATS' protocol and headers. */
  readonly applicationBytes: number;
  readonly firstChunkMs: number;
  readonly lastChunkMs: number;
  readonly arena: Arena;
  decode(): { readonly frame: Frame; readonly busy: Busy };
}

export interface ReceiverOptions {
  readonly limits: ReceiveLimits;
  readonly now: () => number;
  readonly lease: () => Arena;
  readonly release: (arena: Arena) => void;
  readonly onFrame: (frame: ReceivedFrame) => void;
  /** A frame is given up: what was received of it is forgotten. */
  readonly onDropped: (id: string, error: Error) => void;
  /** Whether a frame with this meta may be decoded as it arrives; asked at every chunk. */
  readonly decodeEarly?: (meta: Meta) => boolean;
  /** Whether the start of one frame says that another will not be completed. */
  readonly supersedes?: (newer: string, older: string) => boolean;
}

export interface Receiver {
  /** Takes one chunk; `wireBytes` is what its message took on the wire. */
  push(place: ChunkPlace, data: Uint8Array, traceparent: string | undefined, wireBytes: number): void;
  /** Gives up everything that is not complete, for instance after a reconnect, which loses messages. */
  dropAll(error: Error): void;
}

interface Partial {
  readonly id: string;
  readonly arena: Arena;
  readonly bytes: Uint8Array;
  readonly decoder: FrameDecoder;
  readonly timer: NodeJS.Timeout;
  readonly firstChunkMs: number;
  readonly traceparent: string | undefined;
  received: number;
  wireBytes: number;
  busy: { startMs: number; endMs: number; activeMs: number } | undefined;
  error: unknown;
}

/**
 * Puts frames together from chunks, which one connection delivers in order: a gap means that the server dropped some.
 * Memory is bounded by the limits, whatever arrives.
 */
export function frameReceiver(options: ReceiverOptions): Receiver {
  const { limits, now } = options;
  const partials = new Map<string, Partial>();
  const layouts = layoutMemory();

  const forget = (partial: Partial) => {
    clearTimeout(partial.timer);
    partials.delete(partial.id);
  };
  const drop = (partial: Partial, error: Error) => {
    forget(partial);
    options.release(partial.arena);
    options.onDropped(partial.id, error);
  };
  const begin = (place: ChunkPlace, traceparent: string | undefined): Partial | undefined => {
    for (const old of [...partials.values()]) {
      if (old.id !== place.id && !options.supersedes?.(place.id, old.id)) continue;
      forget(old);
      options.release(old.arena);
    }
    if (place.size > limits.maxFrameBytes) {
      options.onDropped(place.id, new FrameTooLarge(place.size, limits.maxFrameBytes));
      return undefined;
    }
    const [oldest] = partials.values();
    if (oldest !== undefined && partials.size >= limits.maxPartialFrames) {
      drop(oldest, new LinkInterrupted(`more than ${limits.maxPartialFrames} frames were on their way at once`));
    }
    const arena = options.lease();
    const late = () => drop(partial, new LinkInterrupted(`a frame stood still for ${limits.partialTimeoutMs} ms`));
    const partial: Partial = {
      id: place.id,
      arena,
      bytes: arena.take(place.size),
      decoder: frameDecoder(arena, limits.maxFrameBytes, layouts),
      timer: setTimeout(late, limits.partialTimeoutMs).unref(),
      firstChunkMs: now(),
      traceparent,
      received: 0,
      wireBytes: 0,
      busy: undefined,
      error: undefined,
    };
    partials.set(place.id, partial);
    return partial;
  };
  const complete = (partial: Partial) => {
    forget(partial);
    const { id, traceparent, firstChunkMs, arena } = partial;
    const received = partial.bytes.subarray(0, partial.received);
    options.onFrame({
      id,
      traceparent,
      bytes: partial.received,
      applicationBytes: partial.wireBytes,
      firstChunkMs,
      lastChunkMs: now(),
      arena,
      decode: () => {
        if (partial.error !== undefined) throw partial.error;
        let frame: Frame | undefined;
        const busy = timed(partial, now, () => {
          frame = partial.decoder.finish(received);
        });
        if (frame === undefined) throw new FrameInvalid('it holds nothing');
        return { frame, busy };
      },
    });
  };
  const decodeEarly = (partial: Partial, received: Uint8Array) => {
    if (options.decodeEarly === undefined || partial.error !== undefined) return;
    try {
      const meta = partial.decoder.meta(received);
      if (meta === undefined || !options.decodeEarly(meta)) return;
      timed(partial, now, () => partial.decoder.advance(received));
    } catch (error) {
      // Told when its turn comes: the frame is still on its way.
      partial.error = error;
    }
  };
  return {
    push(place, data, traceparent, wireBytes) {
      const partial = place.offset === 0 ? begin(place, traceparent) : partials.get(place.id);
      // A late chunk of a frame that was given up.
      if (partial === undefined) return;
      if (place.offset !== partial.received) {
        drop(partial, new LinkInterrupted(`bytes ${partial.received} to ${place.offset} of a frame were lost`));
        return;
      }
      const end = partial.received + data.length;
      if (end > partial.bytes.length || place.size > partial.bytes.length || (place.exact && end > place.size)) {
        drop(partial, new FrameInvalid(`${end} bytes arrived, where ${partial.bytes.length} were announced`));
        return;
      }
      partial.bytes.set(data, partial.received);
      partial.received = end;
      partial.wireBytes += wireBytes;
      partial.timer.refresh();
      if (place.exact && end === place.size) {
        complete(partial);
        return;
      }
      decodeEarly(partial, partial.bytes.subarray(0, end));
    },
    dropAll(error) {
      for (const partial of [...partials.values()]) drop(partial, error);
    },
  };
}

function timed(partial: Partial, now: () => number, work: () => void): Busy {
  const startMs = now();
  work();
  const endMs = now();
  partial.busy ??= { startMs, endMs, activeMs: 0 };
  partial.busy.endMs = endMs;
  partial.busy.activeMs += endMs - startMs;
  return partial.busy;
}

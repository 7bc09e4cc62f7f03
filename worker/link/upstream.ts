import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Address } from './emulator.ts';

const attemptMs = 3_000;

/** A way to the first of several servers that accepts; names are looked up anew at each call. */
export interface Upstream {
  /** Rejects with the last server's error when none accepts, or with the signal's reason. */
  dial(signal: AbortSignal): Promise<Socket>;
}

/** Begins with the server that accepted last: a cluster's other members take over when it is gone. */
export function upstreamOf(addresses: readonly Address[]): Upstream {
  let preferred = 0;
  return {
    async dial(signal) {
      let last: unknown = new RangeError('there is no address to connect to');
      for (let tried = 0; tried < addresses.length; tried++) {
        const index = (preferred + tried) % addresses.length;
        try {
          const socket = await dialOne(addresses[index], signal);
          preferred = index;
          return socket;
        } catch (error) {
          signal.throwIfAborted();
          last = error;
        }
      }
      throw last;
    },
  };
}

async function dialOne(address: Address | undefined, signal: AbortSignal): Promise<Socket> {
  const socket = connect({ host: address?.host, port: address?.port ?? 0, allowHalfOpen: true, noDelay: true });
  const ended = AbortSignal.any([signal, AbortSignal.timeout(attemptMs)]);
  try {
    await once(socket, 'connect', { signal: ended });
    return socket;
  } catch (error) {
    socket.destroy();
    ended.throwIfAborted();
    throw error;
  }
}

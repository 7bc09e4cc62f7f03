import { setTimeout as delay } from 'node:timers/promises';
import { Backoff } from './runtime/backoff.ts';
import { ApiTimeout, ApiUnreachable, ServerError, TooManyRequests } from './runtime/client/errors.ts';
import type { Logger } from './runtime/logger.ts';

const waits = { firstMs: 500, longestMs: 10_000, random: Math.random };

/**
 * Does what the operator cannot start without, as often as it takes while the API server does not answer: the kubelet
 * would wait ever longer, up to five minutes, before it starts a process again that ends instead. Rejects with any other
 * error, and with the signal's reason.
 */
export async function reached<T>(
  work: () => Promise<T>,
  { logger, signal }: { readonly logger: Logger; readonly signal: AbortSignal },
): Promise<T> {
  const backoff = new Backoff(waits);
  for (;;) {
    signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      if (!isPassing(error)) throw error;
      logger.warn({ err: error }, 'the API server does not answer yet');
      // The loop throws the signal's own reason.
      await delay(backoff.next(), undefined, { signal }).catch(() => {});
    }
  }
}

function isPassing(error: unknown): boolean {
  return [ApiUnreachable, ApiTimeout, ServerError, TooManyRequests].some((kind) => error instanceof kind);
}

import { setTimeout as delay } from 'node:timers/promises';

/**
 * Resolves after `ms`; rejects with the signal's reason as soon as it aborts. Node's own rejects with an `AbortError`
 * instead, which tells nobody that a worker was superseded.
 */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

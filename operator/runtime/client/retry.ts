import { ApiError, ApiTimeout, ApiUnreachable, ServerError, TooManyRequests } from './errors.ts';

export const maxAttempts = 6;
const firstBackoffMs = 100;
const longestBackoffMs = 5000;

/** Whether repeating the request can do no harm and may help. */
function worthRepeating(error: unknown, idempotent: boolean): boolean {
  // A 429 is sent before the request is looked at, whatever it asked for.
  if (error instanceof TooManyRequests) return true;
  if (error instanceof ApiUnreachable) return idempotent || error.unsent;
  return idempotent && (error instanceof ServerError || error instanceof ApiTimeout);
}

/**
 * Milliseconds to wait before the next attempt, or null to give up.
 * @param attempt how many attempts have failed, from 1
 * @param random a number in [0, 1): spreads clients that failed at the same moment
 */
export function retryDelayMs(error: unknown, attempt: number, idempotent: boolean, random: number): number | null {
  if (attempt >= maxAttempts || !worthRepeating(error, idempotent)) return null;
  const asked = error instanceof ApiError ? error.failure.retryAfterMs : null;
  const backoff = Math.min(firstBackoffMs * 2 ** (attempt - 1), longestBackoffMs);
  // Never earlier than asked; up to a tenth of a second later even then.
  return asked === null ? backoff * (0.5 + random / 2) : asked + firstBackoffMs * random;
}

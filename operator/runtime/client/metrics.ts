import { ApiTimeout } from './errors.ts';
import type { ApiRequest } from './transport.ts';

/** What became of one attempt: the status of the answer, or why there was none. */
export type RequestOutcome = number | 'timeout' | 'unreachable' | 'cancelled';

/** Told of each request that is sent, each attempt on its own. */
export interface RequestMetrics {
  /** `durationMs`: until the answer began. */
  request(
    about: Pick<ApiRequest, 'subject' | 'method'>,
    server: URL,
    outcome: RequestOutcome,
    durationMs: number,
  ): void;
}

export const noRequestMetrics: RequestMetrics = { request() {} };

/** Why no answer came to a request that ended with `error`; `signal` may have ended it. */
export function failureOf(error: unknown, signal: AbortSignal): Exclude<RequestOutcome, number> {
  const cause: unknown = signal.aborted ? signal.reason : error;
  if (cause instanceof ApiTimeout) return 'timeout';
  return signal.aborted ? 'cancelled' : 'unreachable';
}

import type { MiddlewareHandler } from 'hono';
import { matchedRoutes } from 'hono/route';
import type { Clock } from '../runtime/clock.ts';

/** Told of requests to the results API. */
export interface ResultsMetrics {
  /** `route`: the pattern that a path follows, null where nothing is there; `durationMs`: until the answer begins. */
  answered(
    about: { readonly method: string; readonly route: string | null; readonly status: number },
    durationMs: number,
  ): void;
}

export const noResultsMetrics: ResultsMetrics = { answered() {} };

/** Middleware that tells of every answer, refusals included. */
export function measured({
  metrics,
  clock,
}: {
  readonly metrics: ResultsMetrics;
  readonly clock: Clock;
}): MiddlewareHandler {
  return async (context, next) => {
    const sinceMs = clock.monotonic();
    await next();
    const route = matchedRoutes(context).findLast(({ path }) => !path.endsWith('*'))?.path ?? null;
    const { method } = context.req;
    metrics.answered({ method, route, status: context.res.status }, clock.monotonic() - sinceMs);
  };
}

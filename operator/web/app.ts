import { type Context, Hono } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import { experimentsPath, resultsRoot } from '../../api/results/paths.ts';
import type { Archive } from '../../store/archive.ts';
import type { Store } from '../../store/store.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Access, Caller } from './access.ts';
import type { Limits } from './config.ts';
import { addDownloads } from './downloads.ts';
import type { ExperimentCache, Experiments } from './experiments.ts';
import { addLists } from './lists.ts';
import { measured, type ResultsMetrics } from './metrics.ts';
import { Problem, statusOf } from './problem.ts';
import { addRemoval } from './removal.ts';
import type { Attributes } from './reviews.ts';
import { Slots } from './slots.ts';

/** What answers to requests are made from. */
export interface Sources {
  readonly access: Access;
  readonly experiments: Experiments;
  readonly cache: ExperimentCache;
  readonly archive: Archive;
  readonly store: Pick<Store, 'follow' | 'append'>;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly logger: Logger;
  readonly metrics: ResultsMetrics;
  /** Ends what goes on without an end. */
  readonly signal: AbortSignal;
}

/** Sources with what the routes share. */
export interface Service extends Sources {
  readonly followers: Slots;
  readonly downloads: Slots;
  /** Lets the caller of a request in. */
  admit(context: Context, attributes: Attributes): Promise<Caller>;
}

/** The results API: no answer without a token and the right to read experiments, errors as a Kubernetes Status. */
export function resultsApp(sources: Sources): Hono {
  const { limits, access, logger, clock } = sources;
  const service: Service = {
    ...sources,
    followers: new Slots(limits.followers),
    downloads: new Slots(limits.downloads),
    admit: (context, attributes) => access.check((name) => context.req.header(name), attributes),
  };
  const app = new Hono();
  app.use(measured(sources));
  app.use(
    secureHeaders({
      contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
      xFrameOptions: 'DENY',
      referrerPolicy: 'no-referrer',
    }),
  );
  app.use(async (context, next) => {
    const { method } = context.req.raw;
    const startMs = clock.monotonic();
    // HEAD would be answered by a body that nobody reads.
    if (method !== 'GET' && method !== 'DELETE') throw new Problem(405, `${method} is not answered here, only GET`);
    await next();
    context.header('cache-control', 'no-store');
    const { status } = context.res;
    logger.debug({ method, path: context.req.path, status, ms: clock.monotonic() - startMs }, 'results request');
  });
  const routes = new Hono();
  addLists(routes, service);
  addDownloads(routes, service);
  addRemoval(routes, service);
  app.route(resultsRoot, routes);
  app.notFound((context) => {
    const message = `there is nothing at ${context.req.path}; start at ${experimentsPath(null)}`;
    return problemResponse(context, new Problem(404, message));
  });
  app.onError((error, context) => {
    if (error instanceof Problem) return problemResponse(context, error);
    logger.error({ err: error, path: context.req.path }, 'a results request failed');
    return problemResponse(context, unexpected(error));
  });
  return app;
}

function problemResponse(context: Context, problem: Problem): Response {
  if (problem.status === 401) context.header('www-authenticate', 'Bearer realm="splitlab results"');
  if (problem.retryAfterSeconds !== null) context.header('retry-after', String(problem.retryAfterSeconds));
  return context.json(statusOf(problem), problem.status);
}

/** Errors of the store tell what to do; others tell the caller nothing. */
function unexpected(error: unknown): Problem {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'StoreUnavailable') {
    return new Problem(503, 'NATS does not answer; try again', { retryAfterSeconds: 2 });
  }
  if (code === 'RecordUnreadable' && error instanceof Error) return new Problem(500, error.message);
  return new Problem(500, 'the request failed; the log of the operator says why');
}

import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createAdaptorServer } from '@hono/node-server';
import type { Archive } from '../../store/archive.ts';
import type { Store } from '../../store/store.ts';
import { type Clock, systemClock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import { accessBy } from './access.ts';
import { resultsApp } from './app.ts';
import { defaultLimits, type Limits, type ResultsApiConfig } from './config.ts';
import { type ExperimentCache, experimentsOf } from './experiments.ts';
import { noResultsMetrics, type ResultsMetrics } from './metrics.ts';
import { apiServerReviews, type ReviewClient } from './reviews.ts';
import { readCertificate, renewCertificate } from './tls.ts';

export interface ResultsApiOptions {
  readonly client: ReviewClient;
  readonly experiments: ExperimentCache;
  readonly archive: Archive;
  readonly store: Pick<Store, 'follow' | 'append'>;
  readonly clusterId: string;
  readonly config: ResultsApiConfig;
  readonly logger: Logger;
  readonly clock?: Clock;
  readonly limits?: Partial<Limits>;
  readonly metrics?: ResultsMetrics;
  readonly signal: AbortSignal;
}

export interface ResultsApi {
  readonly port: number;
  /** Resolves when the last connection is closed after `signal` aborted. */
  readonly closed: Promise<void>;
}

const maxHeaderSize = 16 * 1024;
const headersTimeout = 10_000;
const requestTimeout = 30_000;
/** Downloads under way may end when the operator stops. */
const stopMs = 5_000;

/** Serves the results API until `signal` aborts. Throws where the port is taken or the certificate cannot be read. */
export async function startResultsApi(options: ResultsApiOptions): Promise<ResultsApi> {
  const { client, experiments: cache, archive, clusterId, config, logger, signal } = options;
  const clock = options.clock ?? systemClock;
  const limits = { ...defaultLimits, ...options.limits };
  const app = resultsApp({
    access: accessBy(apiServerReviews(client), clock),
    experiments: experimentsOf(cache, archive, clusterId),
    cache,
    archive,
    store: options.store,
    clock,
    limits,
    logger,
    metrics: options.metrics ?? noResultsMetrics,
    signal,
  });
  const serverOptions = { maxHeaderSize, headersTimeout, requestTimeout };
  const { tls } = config;
  const server = tls
    ? createAdaptorServer({
        fetch: app.fetch,
        createServer: createHttpsServer,
        serverOptions: { ...serverOptions, ...(await readCertificate(tls)) },
      })
    : createAdaptorServer({ fetch: app.fetch, createServer: createHttpServer, serverOptions });
  server.maxConnections = limits.connections;
  server.setTimeout(limits.idleMs);
  const closed = Promise.withResolvers<void>();
  const stopRenewing = tls ? renewCertificate(server, tls, { clock, logger }) : () => {};
  const stop = () => {
    stopRenewing();
    server.close(() => closed.resolve());
    if ('closeIdleConnections' in server) {
      server.closeIdleConnections();
      const cancel = clock.after(stopMs, () => server.closeAllConnections());
      closed.promise.then(cancel);
    }
  };
  server.listen(config.port, config.host);
  await once(server, 'listening', { signal });
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('the results API listens on no port');
  logger.info({ port: address.port, tls: tls !== undefined }, 'serving results');
  return { port: address.port, closed: closed.promise };
}

import { silentLogger } from '../../runtime/logger.ts';
import type { KubeObject } from '../../runtime/objects.ts';
import type { Limits } from '../config.ts';
import type { ExperimentCache } from '../experiments.ts';
import type { ReviewClient } from '../reviews.ts';
import { startResultsApi } from '../serve.ts';
import { cluster, type Stored } from './lab.ts';

/** Reviews that let everybody in, as the user that the token names: tests of access ask a real API server. */
const everybody: ReviewClient = {
  async review<T extends KubeObject>(_resource: unknown, object: T): Promise<T> {
    const spec: unknown = Reflect.get(object, 'spec');
    const token = typeof spec === 'object' && spec !== null && 'token' in spec ? spec.token : undefined;
    return { ...object, status: { allowed: true, authenticated: true, user: { username: token } } };
  },
};

export interface TestApi extends AsyncDisposable {
  readonly port: number;
  /** Requests a path as a user. */
  get(path: string, init?: RequestInit & { readonly user?: string }): Promise<Response>;
  stop(): void;
}

/** A results API on a port of its own that trusts everybody. */
export async function startTestApi(
  stored: Stored,
  experiments: ExperimentCache,
  limits: Partial<Limits> = {},
): Promise<TestApi> {
  const stop = new AbortController();
  const config = { port: 0, host: '127.0.0.1' };
  const options = { ...stored, client: everybody, experiments, clusterId: cluster, config, limits };
  const { port, closed } = await startResultsApi({ ...options, logger: silentLogger, signal: stop.signal });
  return {
    port,
    get: (path, { user = 'jane', ...init } = {}) =>
      fetch(`http://127.0.0.1:${port}${path}`, {
        ...init,
        headers: { ...init.headers, authorization: `Bearer ${user}` },
      }),
    stop: () => stop.abort(),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await closed;
    },
  };
}

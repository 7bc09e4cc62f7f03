import { once } from 'node:events';
import { createServer } from 'node:http';

/** What probes of a worker are told. */
export interface Health extends AsyncDisposable {
  readonly port: number;
  /** From now on the worker is ready while `check` says so. */
  ready(check: () => boolean): void;
}

/**
 * Answers `/livez` (200: the event loop turns) and `/readyz` (200 once the worker is ready, else 503). An answer takes
 * about 0.1 ms, so that probes every few seconds do not show in what is measured.
 */
export async function serveHealth(port: number, host?: string): Promise<Health> {
  let check: () => boolean = () => false;
  const answers: Readonly<Record<string, () => boolean>> = { '/livez': () => true, '/readyz': () => check() };
  const server = createServer({ keepAlive: false, requestTimeout: 5_000 }, (request, response) => {
    const good = answers[request.url ?? '']?.();
    response.setHeader('connection', 'close');
    response.writeHead(good === undefined ? 404 : good ? 200 : 503).end();
  });
  server.maxConnections = 8;
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    ready(next) {
      check = next;
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

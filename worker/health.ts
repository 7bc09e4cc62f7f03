import { once } from 'node:events';
import { createServer } from 'node:http';

/** What probes of a worker are told. */
export interface Health extends AsyncDisposable {
  readonly port: number;
  /** From now on the worker is ready while `check` says so. */
  ready(check: () => boolean): void;
  /** From now on `/metrics` is this. */
  show(page: { readonly contentType: string; readonly text: string }): void;
}

/**
 * Answers `/livez` (200: the event loop turns), `/readyz` (200 once the worker is ready, else 503) and `/metrics` (the
 * text that was last shown). An answer takes about 0.1 ms, so that probes and scrapes every few seconds do not show in
 * what is measured.
 */
export async function serveHealth(port: number, host?: string): Promise<Health> {
  let check: () => boolean = () => false;
  let page = { contentType: 'text/plain', text: '' };
  const answers: Readonly<Record<string, () => boolean>> = { '/livez': () => true, '/readyz': () => check() };
  const server = createServer({ keepAlive: false, requestTimeout: 5_000 }, (request, response) => {
    response.setHeader('connection', 'close');
    if (request.url === '/metrics') {
      response.writeHead(200, { 'content-type': page.contentType }).end(page.text);
      return;
    }
    const good = answers[request.url ?? '']?.();
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
    show(next) {
      page = next;
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

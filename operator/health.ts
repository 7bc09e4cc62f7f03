import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A page for whoever asks, such as the metrics. */
export interface Page {
  readonly contentType: string;
  readonly text: () => string;
}

export interface HealthServer {
  readonly port: number;
  readonly closed: Promise<void>;
}

/**
 * Answers the kubelet until `signal` aborts: `/livez` as long as the event loop runs, `/readyz` once `isReady`, and the
 * `pages` by their path. Throws where the port is taken.
 */
export async function startHealthServer(
  port: number,
  isReady: () => boolean,
  signal: AbortSignal,
  pages: Readonly<Record<string, Page>> = {},
): Promise<HealthServer> {
  const server = createServer((request, response) => {
    const path = request.url?.split('?', 1)[0] ?? '';
    const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
    if (page) {
      response.writeHead(200, { 'content-type': page.contentType }).end(page.text());
      return;
    }
    const status = path === '/livez' ? 200 : path === '/readyz' ? (isReady() ? 200 : 503) : 404;
    response.writeHead(status, { 'content-type': 'text/plain' }).end(status === 200 ? 'ok\n' : 'no\n');
  });
  server.listen(port);
  await once(server, 'listening');
  const closed = once(server, 'close').then(() => {});
  const stop = () => {
    server.close();
    server.closeAllConnections();
  };
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  return { port: portOf(server.address()), closed };
}

function portOf(address: string | AddressInfo | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0;
}

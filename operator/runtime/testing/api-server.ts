import { EventEmitter, once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { text } from 'node:stream/consumers';
import type { TLSSocket } from 'node:tls';
import type { ConnectionConfig } from '../client/credentials.ts';

/** A request that arrived, and the response to write its answer into. */
export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly response: ServerResponse;
}

export type Handler = (exchange: Exchange) => void | Promise<void>;

/**
 * An HTTPS server that answers as a test tells it to: an API server with every fault that a real one shows only rarely.
 * It counts the TLS connections that were opened to it.
 */
export class TestApiServer implements AsyncDisposable {
  readonly exchanges: Exchange[] = [];
  connections = 0;
  handler: Handler;
  readonly #server: ReturnType<typeof createServer>;
  readonly #ca: Buffer;
  readonly #arrivals = new EventEmitter();
  readonly #sockets = new Set<TLSSocket>();

  private constructor(certificate: { ca: Buffer; cert: Buffer; key: Buffer }, handler: Handler) {
    this.handler = handler;
    this.#ca = certificate.ca;
    this.#server = createServer({ cert: certificate.cert, key: certificate.key }, (request, response) => {
      void this.#receive(request, response);
    });
    this.#server.on('secureConnection', (socket: TLSSocket) => {
      this.connections++;
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      socket.on('error', () => {});
    });
  }

  static async start(certificate: { ca: Buffer; cert: Buffer; key: Buffer }, handler: Handler): Promise<TestApiServer> {
    const server = new TestApiServer(certificate, handler);
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  get url(): URL {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the server does not listen');
    return new URL(`https://127.0.0.1:${address.port}`);
  }

  /** Connections that are open now. */
  get openConnections(): number {
    return this.#sockets.size;
  }

  /** How a client reaches this server; `token` is asked for whenever the client reads its credentials. */
  config(token: (fresh: boolean) => string = () => 'secret-token'): ConnectionConfig {
    return {
      server: this.url,
      proxy: null,
      namespace: 'default',
      credentials: async (fresh) => ({ headers: { authorization: `Bearer ${token(fresh)}` }, tls: { ca: this.#ca } }),
    };
  }

  /** The next request for which `wanted` holds, those that arrived already left out. */
  async next(wanted: (exchange: Exchange) => boolean = () => true): Promise<Exchange> {
    const { promise, resolve } = Promise.withResolvers<Exchange>();
    const look = (exchange: Exchange): void => {
      if (wanted(exchange)) resolve(exchange);
    };
    this.#arrivals.on('exchange', look);
    try {
      return await promise;
    } finally {
      this.#arrivals.off('exchange', look);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    if (this.#server.listening) await once(this.#server, 'close');
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    const exchange: Exchange = {
      method: request.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      body: await text(request),
      response,
    };
    this.exchanges.push(exchange);
    this.#arrivals.emit('exchange', exchange);
    await this.handler(exchange);
  }
}

export function isWatch(exchange: Exchange): boolean {
  return exchange.query.get('watch') === 'true';
}

export function isList(exchange: Exchange): boolean {
  return exchange.method === 'GET' && !isWatch(exchange);
}

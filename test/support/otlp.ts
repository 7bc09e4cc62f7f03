import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import {
  createServer as createHttp2Server,
  createSecureServer,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { decodeSpans, type ReceivedSpan, type TraceReceiver } from './spans.ts';

/** A receiver of OTLP over HTTP and gRPC that keeps what it is sent. */
export async function startOtlpReceiver(): Promise<TraceReceiver> {
  const received: ReceivedSpan[] = [];
  await using stack = new AsyncDisposableStack();
  const http = stack.use(
    await startHttpServer(async (path, body, response) => {
      if (path === '/v1/traces') received.push(...decodeSpans(body));
      response.writeHead(path === '/v1/traces' ? 200 : 404).end();
    }),
  );
  const grpc = stack.use(await startGrpcServer((message) => received.push(...decodeSpans(message))));
  const moved = stack.move();
  return {
    endpoints: { HttpProtobuf: http.url, Grpc: grpc.url },
    spans: async () => received,
    [Symbol.asyncDispose]: () => moved.disposeAsync(),
  };
}

interface RunningServer extends AsyncDisposable {
  readonly url: string;
}

/** An HTTP server on a port of its own; disposing ends its connections too. */
export async function startHttpServer(
  answer: (path: string, body: Buffer, response: ServerResponse, headers: IncomingHttpHeaders) => Promise<void>,
  certificate?: Certificate,
): Promise<RunningServer> {
  const listener = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await buffer(request).catch(() => null);
    // Null when the client gave up meanwhile.
    if (body) await answer(request.url ?? '', body, response, request.headers);
  };
  return certificate
    ? listen(createHttpsServer({ ...certificate }, listener), 'https')
    : listen(createServer(listener));
}

/** A server's certificate with its key, as PEM. */
export interface Certificate {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** Takes connections and never says a word. */
export async function startSilentServer(): Promise<RunningServer> {
  return listen(createTcpServer());
}

/** Answers unary calls of `TraceService.Export` (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md). */
export async function startGrpcServer(
  take: (message: Buffer, headers: IncomingHttpHeaders) => void,
  certificate?: Certificate,
): Promise<RunningServer> {
  const server = certificate ? createSecureServer({ ...certificate }) : createHttp2Server();
  server.on('stream', async (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    const body = await buffer(stream).catch(() => null);
    if (!body) return;
    const isKnown = headers[':path'] === '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
    if (isKnown) take(body.subarray(5), headers);
    stream.respond({ ':status': 200, 'content-type': 'application/grpc+proto' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': isKnown ? '0' : '12' }));
    stream.end(Buffer.alloc(5));
  });
  return listen(server, certificate ? 'https' : 'http');
}

async function listen(server: Server, scheme: 'http' | 'https' = 'http'): Promise<RunningServer> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the server has no port');
  return {
    url: `${scheme}://127.0.0.1:${address.port}`,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

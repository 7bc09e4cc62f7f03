import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';

export interface FileServer extends AsyncDisposable {
  readonly origin: string;
  /** What was asked for so far, in order. */
  readonly requests: readonly IncomingMessage[];
}

/** An HTTP server on loopback for tests; disposing breaks its connections. */
export async function startFileServer(answer: RequestListener): Promise<FileServer> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('no TCP address');
  return {
    origin: `http://127.0.0.1:${address.port}`,
    requests,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Answers as a server does that knows ranges; with `cutAfter` the connection breaks after so many bytes of an answer. */
export function sendFile(
  { headers }: IncomingMessage,
  response: ServerResponse,
  file: Uint8Array,
  { cutAfter = Number.POSITIVE_INFINITY, ranges = true, etag = '"1"' } = {},
): void {
  const [, start] = /^bytes=(\d+)-$/.exec(headers.range ?? '') ?? [];
  const current = headers['if-range'] === undefined || headers['if-range'] === etag;
  const from = ranges && current && start !== undefined ? Number(start) : 0;
  const rest = file.subarray(from);
  response.writeHead(from > 0 ? 206 : 200, {
    etag,
    'content-length': rest.length,
    ...(from > 0 && { 'content-range': `bytes ${from}-${file.length - 1}/${file.length}` }),
  });
  if (rest.length <= cutAfter) response.end(rest);
  else response.write(rest.subarray(0, cutAfter), () => setImmediate(() => response.destroy()));
}

/**
 * One end of a measured connection, a process of its own: `peer.ts listen`, or `peer.ts connect <port>`. Over IPC it is
 * told what to send and what to expect, and answers with times of the host's monotonic clock, read beside the socket.
 */
import { connect, createServer, type Socket } from 'node:net';

export type PeerOrder = { readonly send: number } | { readonly expect: number };
export interface Sent {
  readonly sentMs: number;
}
export interface Received {
  readonly firstMs: number;
  readonly firstBytes: number;
  readonly lastMs: number;
}

const nowMs = () => Number(process.hrtime.bigint()) / 1e6;
const [mode, port] = process.argv.slice(2);
process.on('disconnect', () => process.exit());

if (mode === 'listen') {
  const server = createServer({ noDelay: true }, serve);
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    if (typeof address === 'object') process.send?.({ port: address?.port });
  });
} else {
  const socket = connect({ host: '127.0.0.1', port: Number(port), noDelay: true }, () => {
    serve(socket);
    process.send?.({});
  });
}

function serve(socket: Socket): void {
  let expected = 0;
  let received = 0;
  let firstMs = 0;
  let firstBytes = 0;
  process.on('message', (order: PeerOrder) => {
    if ('expect' in order) {
      expected = order.expect;
      received = 0;
      process.send?.({});
      return;
    }
    const bytes = Buffer.alloc(order.send);
    const sentMs = nowMs();
    socket.write(bytes);
    process.send?.({ sentMs } satisfies Sent);
  });
  socket.on('data', (bytes) => {
    const atMs = nowMs();
    if (received === 0) {
      firstMs = atMs;
      firstBytes = bytes.length;
    }
    received += bytes.length;
    if (received === expected) process.send?.({ firstMs, firstBytes, lastMs: atMs } satisfies Received);
  });
}

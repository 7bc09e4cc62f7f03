import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import type { Address } from '../emulator.ts';

export interface Upstream extends AsyncDisposable {
  readonly address: Address;
}

/** A TCP server for tests that hands each connection to `accept`; disposing resets all of them. */
export async function startUpstream(accept: (socket: Socket) => void, port = 0): Promise<Upstream> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    accept(socket);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('no TCP address');
  return {
    address: { host: '127.0.0.1', port: address.port },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.resetAndDestroy();
      await closed;
    },
  };
}

// Runs in a cluster's network and joins it with the machine's: a listening socket stays in the network in which it was
// made, whichever process holds it.
import { connect, createServer, Server } from 'node:net';
import { z } from 'zod';

const requestSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('reach'), port: z.int() }),
  z.object({ kind: z.literal('expose'), host: z.string(), port: z.int() }),
]);

export type RelayRequest = z.infer<typeof requestSchema>;

/** Passes each connection that a server accepts on to a port of 127.0.0.1. */
export function passOn(server: Server, port: number): void {
  server.on('connection', (accepted) => {
    const upstream = connect({ port, host: '127.0.0.1', noDelay: true });
    accepted.setNoDelay(true);
    accepted.pipe(upstream).pipe(accepted);
    accepted.on('error', () => upstream.destroy()).on('close', () => upstream.destroy());
    upstream.on('error', () => accepted.resetAndDestroy()).on('close', () => accepted.destroy());
  });
}

if (import.meta.main) {
  process.on('disconnect', () => process.exit());
  process.on('message', (message, handle) => {
    const request = requestSchema.parse(message);
    if (request.kind === 'expose') {
      const server = createServer().listen(request.port, request.host, () => {
        // Both processes have the socket now: left open, this one would take connections that it has no use for.
        process.send?.(request, server, undefined, () => server.close());
      });
    } else if (handle instanceof Server) {
      passOn(handle, request.port);
      process.send?.(request);
    }
  });
}

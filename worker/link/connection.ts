import type { Socket } from 'node:net';
import type { Direction } from './direction.ts';
import type { Sink } from './queue.ts';

export interface ConnectionLink {
  readonly uplink: Direction;
  readonly downlink: Direction;
  /** Called after bytes or an end went into a direction. */
  readonly onArrival: () => void;
  /** Called once when both sides are closed, with the error that closed them. */
  readonly onClose: (error?: Error) => void;
}

// Bytes that left the link and that a slow receiver has not taken: beyond this its sender is held up too.
const receiverLagBytes = 4 * 1024 * 1024;

/** Joins an accepted connection through the link's two directions with the one to its server. */
export function joinConnection(client: Socket, server: Socket, link: ConnectionLink) {
  const up = joinOneWay(client, server, link.uplink, link.onArrival);
  const down = joinOneWay(server, client, link.downlink, link.onArrival);
  const reset = () => {
    abort(client);
    abort(server);
  };

  let cause: Error | undefined;
  let open = 2;
  for (const socket of [client, server]) {
    socket.on('error', (error) => {
      cause ??= error;
      reset();
    });
    socket.on('close', () => {
      if (--open === 0) link.onClose(cause);
    });
  }
  return {
    /** Holds up the senders of full directions, lets the others go on. */
    hold(full: { readonly uplink: boolean; readonly downlink: boolean }) {
      up.hold(full.uplink);
      down.hold(full.downlink);
    },
    /** Ends both sides at once, as a broken link would. */
    reset,
  };
}

function abort(socket: Socket): void {
  // A reset would wait for a connection that is still being made.
  if (socket.connecting) socket.destroy();
  else socket.resetAndDestroy();
}

function joinOneWay(from: Socket, to: Socket, direction: Direction, onArrival: () => void) {
  let directionFull = false;
  let receiverLags = false;
  const apply = () => {
    if (directionFull || receiverLags) from.pause();
    else from.resume();
  };
  const sink: Sink = {
    write(bytes) {
      if (to.destroyed || to.writableEnded) return;
      to.write(bytes);
      if (to.writableLength >= receiverLagBytes && !receiverLags) {
        receiverLags = true;
        apply();
      }
    },
    end() {
      if (!to.destroyed) to.end();
    },
  };
  to.on('drain', () => {
    if (!receiverLags) return;
    receiverLags = false;
    apply();
  });
  from.on('data', (bytes: Buffer) => {
    direction.push(sink, bytes);
    onArrival();
  });
  from.on('end', () => {
    direction.finish(sink);
    onArrival();
  });
  return {
    hold(full: boolean) {
      directionFull = full;
      apply();
    },
  };
}

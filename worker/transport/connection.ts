import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { ConnectionError, connect, type NatsConnection, TimeoutError } from 'nats';
import type { NatsConfig } from '../../api/worker-config.ts';
import { pause } from '../../store/pause.ts';
import { clientOptions, type Detour } from '../nats.ts';
import { LinkInterrupted } from './errors.ts';

/** A way to NATS (`emulatorPort`: through the emulator on this host), and what is this connection's own. */
export type ConnectionOptions = NatsConfig & Detour & OwnOptions;

interface OwnOptions {
  /** Shown by the server's monitoring. */
  readonly name: string;
  /** Prefix of the subjects of replies to requests, where permissions ask for one. */
  readonly inboxPrefix?: string;
  /** Ends connecting; an open connection is closed by `close`. */
  readonly signal?: AbortSignal;
  /** Between two attempts to connect; default 100 ms. */
  readonly retryDelayMs?: number;
  /** Called when the connection is back after an interruption. */
  readonly onReconnect?: () => void;
}

/** A connection to NATS that knows its socket; it reconnects to its one address until it is closed. */
export interface Connection extends AsyncDisposable {
  readonly client: NatsConnection;
  /** False between an interruption and the moment at which subscriptions are in place again. */
  readonly connected: boolean;
  /** Calls back at each interruption; returns what takes the listener away. */
  onInterruption(listener: (error: LinkInterrupted) => void): () => void;
  /** Resolves when it is connected; rejects with the signal's reason, or LinkInterrupted once it is closed. */
  ready(signal?: AbortSignal): Promise<void>;
  /** Resolves when all that was published is in the kernel's hands; rejects with LinkInterrupted. */
  handedOver(): Promise<void>;
  /** Bytes written to and read from its sockets since it was opened, NATS protocol included. */
  socketBytes(): { readonly up: number; readonly down: number };
  close(): Promise<void>;
}

// The client keeps its socket to itself. Node announces every new one, and the asynchronous context tells whose it is,
// after a reconnect too.
const opening = new AsyncLocalStorage<Socket[]>();
let listening = false;

function listenForSockets(): void {
  if (listening) return;
  listening = true;
  subscribe('net.client.socket', (message) => {
    const { socket } = message as { socket: Socket };
    opening.getStore()?.push(socket);
  });
}

const nothing = new Uint8Array(0);

/**
 * Connects, trying again until the server is there or the signal aborts; wrong credentials are refused at once with the
 * client's error. Settings follow from slow links: a PONG may queue behind a tensor, so pings are far apart.
 */
export async function openConnection(options: ConnectionOptions): Promise<Connection> {
  listenForSockets();
  const sockets: Socket[] = [];
  const client = await opening.run(sockets, () => dial(options));
  const listeners = new Set<(error: LinkInterrupted) => void>();
  let connected = true;
  let closed = false;
  const wakers = new Set<() => void>();
  const retired = { up: 0, down: 0 };
  const interrupt = (error: LinkInterrupted) => {
    connected = false;
    for (const listener of [...listeners]) listener(error);
  };
  let reconnects = 0;
  /** Subscriptions were sent again; a PONG says that the server has them. */
  const settle = async (reconnect: number) => {
    await client.flush();
    if (reconnect !== reconnects || closed) return;
    connected = true;
    for (const wake of [...wakers]) wake();
  };
  const follow = async () => {
    for await (const status of client.status()) {
      if (status.type === 'disconnect') {
        reconnects++;
        interrupt(new LinkInterrupted(`the connection "${options.name}" broke`));
      }
      if (status.type === 'reconnect') {
        retire(sockets, retired);
        options.onReconnect?.();
        settle(++reconnects).catch(() => {});
      }
    }
  };
  const over = Promise.all([follow(), client.closed()]).then(() => {
    closed = true;
    interrupt(new LinkInterrupted(`the connection "${options.name}" is closed`));
    for (const wake of [...wakers]) wake();
  });
  const self: Connection = {
    client,
    get connected() {
      return connected;
    },
    onInterruption(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async ready(signal) {
      signal?.throwIfAborted();
      while (!connected) {
        if (closed) throw new LinkInterrupted(`the connection "${options.name}" is closed`);
        await new Promise<void>((resolve, reject) => {
          const settle = () => {
            wakers.delete(settle);
            signal?.removeEventListener('abort', settle);
            if (signal?.aborted) reject(signal.reason);
            else resolve();
          };
          wakers.add(settle);
          signal?.addEventListener('abort', settle, { once: true });
        });
      }
    },
    async handedOver() {
      // The client writes to its socket in a microtask after `publish`.
      await null;
      const socket = sockets.at(-1);
      await new Promise<void>((resolve, reject) => {
        const stop = self.onInterruption(reject);
        const fail = (cause?: Error | null) =>
          reject(new LinkInterrupted(`the connection "${options.name}" broke`, { cause }));
        if (!connected || socket === undefined || socket.destroyed) {
          stop();
          fail();
          return;
        }
        // Writes finish in order; an empty one finishes when those before it have.
        socket.write(nothing, (error) => {
          stop();
          if (error) fail(error);
          else resolve();
        });
      });
    },
    socketBytes() {
      return sockets.reduce(
        ({ up, down }, socket) => ({ up: up + socket.bytesWritten, down: down + socket.bytesRead }),
        { ...retired },
      );
    },
    async close() {
      await client.close();
      await over;
    },
    [Symbol.asyncDispose]: () => self.close(),
  };
  return self;
}

/** Adds up the sockets that are gone, so that many reconnects do not keep them alive. */
function retire(sockets: Socket[], retired: { up: number; down: number }): void {
  for (const socket of sockets.splice(0, sockets.length - 1)) {
    retired.up += socket.bytesWritten;
    retired.down += socket.bytesRead;
  }
}

async function dial(options: ConnectionOptions): Promise<NatsConnection> {
  const retryDelayMs = options.retryDelayMs ?? 100;
  for (;;) {
    options.signal?.throwIfAborted();
    try {
      return await connect({
        ...clientOptions(options, options),
        name: options.name,
        ...(options.inboxPrefix !== undefined && { inboxPrefix: options.inboxPrefix }),
        noEcho: true,
        pingInterval: 120_000,
        maxReconnectAttempts: -1,
        reconnectTimeWait: retryDelayMs,
        reconnectJitter: 0,
      });
    } catch (error) {
      if (!isPassing(error)) throw error;
      await pause(retryDelayMs, options.signal);
    }
  }
}

/** Whether the server may be there later: a socket that breaks in the handshake comes as Node's own error. */
function isPassing(error: unknown): boolean {
  if (error instanceof ConnectionError || error instanceof TimeoutError) return true;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ECONNRESET' || code === 'EPIPE' || code === 'ECONNREFUSED';
}

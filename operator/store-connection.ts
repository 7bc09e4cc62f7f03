import { setTimeout as delay } from 'node:timers/promises';
import { type Authenticator, type ConnectionOptions, connect, type NatsConnection } from 'nats';
import { natsServers } from '../api/nats-url.ts';
import { type Archive, openArchive } from '../store/archive.ts';
import { StoreUnavailable } from '../store/errors.ts';
import { openStore, type Store } from '../store/store.ts';
import type { Logger } from './runtime/logger.ts';

export interface StoreConnectionOptions {
  readonly url: string;
  readonly authenticator: Authenticator;
  readonly inboxPrefix: string;
  /** Servers that keep each message; default 1. */
  readonly replicas?: number;
  readonly logger: Logger;
}

/** The way to the store of results, which may not be there yet, or not just now. */
export interface StoreConnection extends AsyncDisposable {
  readonly store: Pick<Store, 'append' | 'follow'>;
  readonly archive: Archive;
  /** Why the store cannot be reached; null while it can. */
  problem(): string | null;
  /** Calls `handler` when the store comes or goes. */
  onChange(handler: () => void): void;
}

const retryMs = 1_000;
/** A follower of the results API, or a decision, waits no longer than this for a write. */
const patienceMs = 5_000;

/** Connects to NATS and makes the streams, for as long as it takes; meanwhile every use throws `StoreUnavailable`. */
export function connectStore({
  url,
  authenticator,
  inboxPrefix,
  replicas = 1,
  logger,
}: StoreConnectionOptions): StoreConnection {
  const handlers = new Set<() => void>();
  const closing = new AbortController();
  const away = `NATS at ${url} does not answer`;
  let problem: string | null = `${away} yet`;
  let connection: NatsConnection | null = null;
  let opened: { readonly store: Store; readonly archive: Archive } | null = null;

  const set = (found: string | null) => {
    if (found === problem) return;
    problem = found;
    logger.info({ problem }, found === null ? 'the store answers' : 'the store does not answer');
    for (const handler of handlers) handler();
  };

  const running = run();

  /** What is there of the store, or why nothing is. */
  function reach() {
    if (!opened) throw new StoreUnavailable(url, problem ?? away);
    return opened;
  }

  async function run(): Promise<void> {
    while (!closing.signal.aborted && !opened) {
      try {
        connection ??= await connect({
          ...serverOptions(url),
          authenticator,
          inboxPrefix,
          name: 'splitlab-operator',
          maxReconnectAttempts: -1,
          reconnectTimeWait: retryMs,
          ignoreClusterUpdates: true,
        });
        const store = openStore(connection, { signal: closing.signal, patienceMs });
        await store.ensureStreams({ replicas });
        opened = { store, archive: openArchive(connection) };
      } catch (error) {
        if (closing.signal.aborted) return;
        logger.debug({ err: error }, 'the store cannot be opened yet');
        set(`${away}: ${error instanceof Error ? error.message : String(error)}`);
        await delay(retryMs, undefined, { signal: closing.signal }).catch(() => {});
      }
    }
    if (!connection || closing.signal.aborted) return;
    set(null);
    for await (const { type } of connection.status()) {
      if (type === 'disconnect') set(away);
      if (type === 'reconnect') set(null);
    }
  }

  return {
    store: {
      append: (subject, value) => reach().store.append(subject, value),
      follow: (stream, filter, signal, options) => reach().store.follow(stream, filter, signal, options),
    },
    archive: {
      page: (stream, filter, options) => reach().archive.page(stream, filter, options),
      scan: (stream, filter, options) => reach().archive.scan(stream, filter, options),
      newest: (stream, subject) => reach().archive.newest(stream, subject),
      subjects: (stream, filter) => reach().archive.subjects(stream, filter),
      purge: (stream, filter) => reach().archive.purge(stream, filter),
    },
    problem: () => problem,
    onChange: (handler) => handlers.add(handler),
    async [Symbol.asyncDispose]() {
      closing.abort();
      await connection?.close();
      await running;
    },
  };
}

/** Addresses as the client takes them; TLS is asked for where one of them has it. */
function serverOptions(url: string): Pick<ConnectionOptions, 'servers' | 'tls'> {
  const servers = natsServers(url) ?? [];
  const address = ({ host, port }: (typeof servers)[number]) => `${host.includes(':') ? `[${host}]` : host}:${port}`;
  return { servers: servers.map(address), ...(servers.some(({ secure }) => secure) && { tls: {} }) };
}

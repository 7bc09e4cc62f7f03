import { createHash } from 'node:crypto';
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
  /** Called when a connection that broke is back. */
  readonly onReconnect?: () => void;
}

/** The way to the store of results, which may not be there yet, or not just now. */
export interface StoreConnection extends AsyncDisposable {
  readonly store: Pick<Store, 'append' | 'follow'>;
  readonly archive: Archive;
  /** Why the store cannot be reached; null while it can. */
  problem(): string | null;
  /** Changes with the streams: a store that lost what it held has another; null while it cannot be reached. */
  id(): string | null;
  /** Calls `handler` when the store comes or goes; `emptied`: it came back without what it held. */
  onChange(handler: (emptied: boolean) => void): void;
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
  onReconnect = () => {},
}: StoreConnectionOptions): StoreConnection {
  const handlers = new Set<(emptied: boolean) => void>();
  const closing = new AbortController();
  const away = `NATS at ${url} does not answer`;
  let problem: string | null = `${away} yet`;
  let connection: NatsConnection | null = null;
  /** Tells the streams from later ones of their names. */
  let streams: string | null = null;
  let opened: { readonly store: Store; readonly archive: Archive } | null = null;

  const set = (found: string | null, emptied = false) => {
    if (found === problem && !emptied) return;
    problem = found;
    logger.info({ problem }, found === null ? 'the store answers' : 'the store does not answer');
    if (emptied) logger.warn({ url }, 'the store lost what it held: its streams were made anew');
    for (const handler of handlers) handler(emptied);
  };

  const running = run();

  /** What is there of the store, or why nothing is. */
  function reach() {
    if (!opened) throw new StoreUnavailable(url, problem ?? away);
    return opened;
  }

  async function run(): Promise<void> {
    for (let current = await open(); current !== null; current = await open()) {
      for await (const { type } of current.status()) {
        if (type === 'disconnect') set(away);
        if (type !== 'reconnect') continue;
        onReconnect();
        // The server may come back without its volume, and so without the streams.
        await open();
      }
      // The client gives up where its credentials are refused again and again.
      connection = null;
      opened = null;
      if (!closing.signal.aborted) set(away);
    }
  }

  /** Connects, and makes the streams where they are not there, for as long as it takes; null once it is to close. */
  async function open(): Promise<NatsConnection | null> {
    while (!closing.signal.aborted) {
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
        const store = opened?.store ?? openStore(connection, { signal: closing.signal, patienceMs });
        const found = digestOf(await store.ensureStreams({ replicas }));
        opened ??= { store, archive: openArchive(connection) };
        const emptied = streams !== null && found !== streams;
        streams = found;
        set(null, emptied);
        return connection;
      } catch (error) {
        if (closing.signal.aborted) break;
        logger.debug({ err: error }, 'the store cannot be opened yet');
        set(`${away}: ${error instanceof Error ? error.message : String(error)}`);
        if (connection?.isClosed()) connection = null;
        await delay(retryMs, undefined, { signal: closing.signal }).catch(() => {});
      }
    }
    return null;
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
    id: () => (problem === null ? streams : null),
    onChange: (handler) => handlers.add(handler),
    async [Symbol.asyncDispose]() {
      closing.abort();
      await connection?.close();
      await running;
    },
  };
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** Addresses as the client takes them; TLS is asked for where one of them has it. */
function serverOptions(url: string): Pick<ConnectionOptions, 'servers' | 'tls'> {
  const servers = natsServers(url) ?? [];
  const address = ({ host, port }: (typeof servers)[number]) => `${host.includes(':') ? `[${host}]` : host}:${port}`;
  return { servers: servers.map(address), ...(servers.some(({ secure }) => secure) && { tls: {} }) };
}

import { isDeepStrictEqual } from 'node:util';
import type { Dispatcher } from 'undici';
import type { Clock } from '../clock.ts';
import type { ConnectionConfig, Credentials } from './credentials.ts';
import { openDispatcher } from './dispatcher.ts';

/** How long credentials are used before they are asked for again; projected tokens stay valid for far longer. */
const credentialsAgeMs = 30_000;

interface Opened {
  readonly credentials: Credentials;
  readonly requests: Dispatcher;
  readonly watches: Dispatcher;
}

/** A connection pool to use now, with the headers that go with it. */
export interface Way {
  readonly dispatcher: Dispatcher;
  readonly headers: Readonly<Record<string, string>>;
}

/** Keeps the connections that fit the current TLS material; new certificates open new ones while running requests end. */
export class Pools {
  readonly #config: ConnectionConfig;
  readonly #connections: number;
  readonly #clock: Clock;
  /** With older certificates, until their requests have ended. */
  readonly #retired = new Set<Opened>();
  #opened: Opened | null = null;
  #readAtMs = Number.NEGATIVE_INFINITY;
  #reading: Promise<Opened> | null = null;

  constructor(config: ConnectionConfig, connections: number, clock: Clock) {
    this.#config = config;
    this.#connections = connections;
    this.#clock = clock;
  }

  /** The pool for a request, or for a watch, which would otherwise occupy a request's connection. */
  async way(watch: boolean): Promise<Way> {
    const fresh = this.#clock.monotonic() - this.#readAtMs < credentialsAgeMs;
    const opened = fresh && this.#opened ? this.#opened : await this.#read(false);
    return { dispatcher: watch ? opened.watches : opened.requests, headers: opened.credentials.headers };
  }

  /** Asks for other credentials than the last: the server refused those. */
  async renew(): Promise<void> {
    await this.#read(true);
  }

  /** Cuts every connection. */
  async destroy(): Promise<void> {
    const all = [this.#opened, ...this.#retired].filter((opened) => opened !== null);
    this.#opened = null;
    this.#readAtMs = Number.NEGATIVE_INFINITY;
    await Promise.all(all.flatMap(({ requests, watches }) => [requests.destroy(), watches.destroy()]));
  }

  #read(renew: boolean): Promise<Opened> {
    this.#reading ??= this.#open(renew).finally(() => {
      this.#reading = null;
    });
    return this.#reading;
  }

  async #open(renew: boolean): Promise<Opened> {
    const credentials = await this.#config.credentials(renew);
    this.#readAtMs = this.#clock.monotonic();
    const before = this.#opened;
    if (before && isDeepStrictEqual(before.credentials.tls, credentials.tls)) {
      this.#opened = { ...before, credentials };
      return this.#opened;
    }
    const options = { server: this.#config.server, proxy: this.#config.proxy, tls: credentials.tls };
    this.#opened = {
      credentials,
      requests: openDispatcher({ ...options, connections: this.#connections }),
      watches: openDispatcher({ ...options, connections: null }),
    };
    if (before) this.#retire(before);
    return this.#opened;
  }

  #retire(old: Opened): void {
    this.#retired.add(old);
    void Promise.all([old.requests.close(), old.watches.close()]).then(() => this.#retired.delete(old));
  }
}

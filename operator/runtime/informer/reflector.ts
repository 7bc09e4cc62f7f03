import { Backoff } from '../backoff.ts';
import type { Client } from '../client/client.ts';
import { Gone } from '../client/errors.ts';
import type { Selection } from '../client/options.ts';
import type { WatchEvent } from '../client/watch-event.ts';
import type { Clock } from '../clock.ts';
import type { KubeObject, Stored } from '../objects.ts';
import type { Resource } from '../resource.ts';
import { ShortWatch, WentBackwards } from './errors.ts';
import { recoveryFrom } from './recovery.ts';
import { isOlder } from './version.ts';

/** Where a reflector writes what it sees. */
export interface ReflectorSink<T extends KubeObject> {
  /** Makes an object ready to be kept; called as it arrives, before the next page of a list is read. */
  prepare(object: Stored<T>): Stored<T>;
  replaced(objects: readonly Stored<T>[], trustVersions: boolean): void;
  changed(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: Stored<T>): void;
  /** The server ended a watch after the time it was asked for. */
  ended(): void;
  failed(error: unknown, retryMs: number): void;
}

export interface ReflectorOptions<T extends KubeObject> {
  readonly client: Client;
  readonly resource: Resource<T>;
  readonly selection: Selection;
  readonly sink: ReflectorSink<T>;
  readonly pageSize: number;
  readonly clock: Clock;
  readonly random: () => number;
}

/** A watch that ends sooner than this without an event counts as a failure, lest a server that ends all is stormed. */
const shortWatchMs = 1000;
const listTimeoutMs = 60_000;

/** Follows the objects of a kind on the server: one list, then watches that each go on where the last one ended. */
export class Reflector<T extends KubeObject> {
  readonly #options: ReflectorOptions<T>;
  readonly #backoff: Backoff;
  /** Null: to be listed. */
  #version: string | null = null;
  #newestVersion = '';
  #trustVersions = true;
  #paged = true;
  lists = 0;
  watches = 0;

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
    this.#backoff = new Backoff({ firstMs: 800, longestMs: 30_000, random: options.random });
  }

  /** The version up to which everything was seen. */
  get resourceVersion(): string | null {
    return this.#version;
  }

  /** Goes on until `signal` aborts, whatever fails; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        this.#version ??= await this.#list(signal);
        await this.#watch(this.#version, signal);
      } catch (error) {
        if (!signal.aborted) await this.#recover(error, signal);
      }
    }
  }

  async #list(signal: AbortSignal): Promise<string> {
    const { client, resource, selection, sink, pageSize } = this.#options;
    this.lists++;
    const objects: Stored<T>[] = [];
    let version = '';
    const limit = this.#paged ? { limit: pageSize } : { limit: 0 };
    const pages = client.listAll(resource, { ...selection, ...limit, signal, timeoutMs: listTimeoutMs, retry: false });
    try {
      for await (const page of pages) {
        for (const item of page.items) objects.push(sink.prepare(item));
        version = page.resourceVersion;
      }
    } catch (error) {
      // Reading the pages took longer than the server keeps the state they show: the next list is one page.
      if (error instanceof Gone) this.#paged = false;
      throw error;
    }
    this.#paged = true;
    // Versions that were handed out before a restore are handed out again, for other contents.
    const restored = isOlder(version, this.#newestVersion);
    sink.replaced(objects, this.#trustVersions && !restored);
    this.#trustVersions = true;
    this.#newestVersion = version;
    return version;
  }

  async #watch(from: string, signal: AbortSignal): Promise<void> {
    const { client, resource, selection, clock, random } = this.#options;
    this.watches++;
    const begunMs = clock.monotonic();
    // Spread, so that the informers of many clients do not come back together.
    const timeoutSeconds = Math.round(300 + random() * 300);
    let events = 0;
    for await (const event of client.watch(resource, { ...selection, resourceVersion: from, timeoutSeconds, signal })) {
      this.#take(event);
      events++;
    }
    if (events === 0 && clock.monotonic() - begunMs < shortWatchMs) throw new ShortWatch(resource.plural);
    this.#backoff.reset();
    this.#options.sink.ended();
  }

  #take(event: WatchEvent<T>): void {
    const { resource, sink } = this.#options;
    const version = event.type === 'BOOKMARK' ? event.resourceVersion : event.object.metadata.resourceVersion;
    if (isOlder(version, this.#newestVersion)) throw new WentBackwards(resource.plural, version, this.#newestVersion);
    if (event.type !== 'BOOKMARK') sink.changed(event.type, sink.prepare(event.object));
    this.#version = version;
    this.#newestVersion = version;
    this.#backoff.reset();
  }

  async #recover(error: unknown, signal: AbortSignal): Promise<void> {
    const pauseMs = this.#backoff.next();
    const { resume, trustVersions, atOnce, leastMs } = recoveryFrom(error, this.#backoff.failures);
    if (!resume) this.#version = null;
    if (!trustVersions) this.#trustVersions = false;
    const waitMs = atOnce && this.#backoff.failures === 1 ? 0 : Math.max(pauseMs, leastMs);
    this.#options.sink.failed(error, waitMs);
    if (waitMs > 0) await this.#options.clock.sleep(waitMs, signal).catch(() => {});
  }
}

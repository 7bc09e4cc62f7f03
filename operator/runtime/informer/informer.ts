import type { Client } from '../client/client.ts';
import type { Selection } from '../client/options.ts';
import { type Clock, systemClock } from '../clock.ts';
import { type Logger, silentLogger } from '../logger.ts';
import type { KubeObject, ObjectKey, Stored } from '../objects.ts';
import type { CacheableResource } from '../resource.ts';
import { NotCacheable } from './errors.ts';
import { deepFreeze } from './freeze.ts';
import { codeOf, type InformerMetrics, noInformerMetrics } from './metrics.ts';
import { Reflector } from './reflector.ts';
import { type Change, type IndexFunction, ObjectStore } from './store.ts';

/** Called for each change, one after another, in the order of the changes; must be quick and synchronous. */
export interface Handler<T extends KubeObject> {
  readonly onAdd?: (object: Stored<T>, isInInitialList: boolean) => void;
  readonly onUpdate?: (old: Stored<T>, object: Stored<T>) => void;
  readonly onDelete?: (object: Stored<T>) => void;
}

export interface InformerOptions<T extends KubeObject, Index extends string> extends Selection {
  /** Drops what nobody reads before an object is kept; may return parts of the object. managedFields are always dropped. */
  readonly transform?: (object: Stored<T>) => Stored<T>;
  readonly indexers?: Readonly<Record<Index, IndexFunction<T>>>;
  readonly pageSize?: number;
  readonly logger?: Logger;
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly metrics?: InformerMetrics;
}

export interface InformerStatistics {
  readonly objects: number;
  readonly lists: number;
  readonly watches: number;
  readonly events: number;
  readonly errors: number;
  readonly lastError: string | null;
  readonly resourceVersion: string | null;
}

/**
 * Keeps the objects of a kind in memory as they are on the server, tells its handlers of every change, and finds
 * objects by key and index. What it hands out is frozen and shared. It goes on through whatever the server does until
 * it is stopped; meanwhile readers see the last state that was seen.
 */
export class Informer<T extends KubeObject, Index extends string = never> {
  readonly resource: CacheableResource<T>;
  readonly #transform: (object: Stored<T>) => Stored<T>;
  readonly #logger: Logger;
  readonly #metrics: InformerMetrics;
  readonly #store: ObjectStore<T>;
  readonly #reflector: Reflector<T>;
  readonly #handlers = new Set<Handler<T>>();
  readonly #firstList = Promise.withResolvers<void>();
  #hasSynced = false;
  #running = false;
  #events = 0;
  #errors = 0;
  #lastError: string | null = null;

  /** Throws NotCacheable for Secrets and other credentials. */
  constructor(client: Client, resource: CacheableResource<T>, options: InformerOptions<T, Index> = {}) {
    // Types can be talked round; memory dumps cannot.
    if (!resource.cacheable || (resource.group === '' && resource.kind === 'Secret'))
      throw new NotCacheable(resource.plural);
    const {
      transform,
      indexers,
      logger = silentLogger,
      clock = systemClock,
      random = Math.random,
      pageSize = 500,
      metrics = noInformerMetrics,
    } = options;
    const { namespace, labelSelector, fieldSelector } = options;
    this.resource = resource;
    this.#transform = transform ?? ((object) => object);
    this.#logger = logger;
    this.#metrics = metrics;
    this.#store = new ObjectStore(
      new Map<string, IndexFunction<T>>([
        ['namespace', (object) => (object.metadata.namespace === undefined ? [] : [object.metadata.namespace])],
        ['owner', (object) => object.metadata.ownerReferences?.map((owner) => owner.uid) ?? []],
        ...Object.entries<IndexFunction<T>>(indexers ?? {}),
      ]),
    );
    this.#reflector = new Reflector({
      client,
      resource,
      selection: {
        ...(namespace === undefined ? {} : { namespace }),
        ...(labelSelector === undefined ? {} : { labelSelector }),
        ...(fieldSelector === undefined ? {} : { fieldSelector }),
      },
      sink: {
        prepare: (object) => this.#prepare(object),
        replaced: (objects, trustVersions) => this.#replaced(objects, trustVersions),
        changed: (type, object) => this.#changed(type, object),
        ended: () => metrics.watchEnded(resource.plural, 'Ended'),
        failed: (error, retryMs) => this.#failed(error, retryMs),
      },
      pageSize,
      clock,
      random,
    });
  }

  /** Lists and watches until `signal` aborts; never rejects. To be called once. */
  async run(signal: AbortSignal): Promise<void> {
    if (this.#running) throw new Error(`the informer of ${this.resource.plural} runs already`);
    this.#running = true;
    await this.#reflector.run(signal);
  }

  /** Whether the first list is in the cache and the handlers know of it. */
  get hasSynced(): boolean {
    return this.#hasSynced;
  }

  /** Resolves once `hasSynced`; rejects with the reason of `signal`. */
  async synced(signal?: AbortSignal): Promise<void> {
    if (this.#hasSynced) return;
    signal?.throwIfAborted();
    const { promise, reject } = Promise.withResolvers<never>();
    const onAbort = (): void => reject(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      await Promise.race([this.#firstList.promise, promise]);
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** Adds a handler, which hears at once of all objects that are there. The function returned removes it. */
  addHandler(handler: Handler<T>): () => void {
    this.#handlers.add(handler);
    for (const object of this.#store.list()) this.#call(handler, { type: 'Added', object }, true);
    return () => this.#handlers.delete(handler);
  }

  get(key: ObjectKey): Stored<T> | undefined {
    return this.#store.get(key);
  }

  list(): readonly Stored<T>[] {
    return this.#store.list();
  }

  /** Objects by an index: one of the informer's own, `owner` (UID of any owner) or `namespace`. */
  byIndex(index: Index | 'owner' | 'namespace', value: string): readonly Stored<T>[] {
    return this.#store.byIndex(index, value);
  }

  statistics(): InformerStatistics {
    return {
      objects: this.#store.size,
      lists: this.#reflector.lists,
      watches: this.#reflector.watches,
      events: this.#events,
      errors: this.#errors,
      lastError: this.#lastError,
      resourceVersion: this.#reflector.resourceVersion,
    };
  }

  #prepare(object: Stored<T>): Stored<T> {
    const { managedFields: _, ...metadata } = object.metadata;
    return deepFreeze(this.#transform({ ...object, metadata }));
  }

  #replaced(objects: readonly Stored<T>[], trustVersions: boolean): void {
    this.#dispatch(this.#store.replace(objects, { sameVersionIsSame: trustVersions }));
    if (this.#hasSynced) return;
    this.#hasSynced = true;
    this.#firstList.resolve();
  }

  #changed(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: Stored<T>): void {
    this.#events++;
    this.#dispatch(type === 'DELETED' ? this.#store.remove(object) : this.#store.put(object));
  }

  #failed(error: unknown, retryMs: number): void {
    this.#errors++;
    this.#metrics.watchEnded(this.resource.plural, codeOf(error));
    this.#lastError = error instanceof Error ? error.message : String(error);
    const fields = { resource: this.resource.plural, error: this.#lastError, retryMs };
    this.#logger.warn(fields, 'informer goes on after a failure');
  }

  #dispatch(changes: readonly Change<T>[]): void {
    const isInInitialList = !this.#hasSynced;
    for (const change of changes) for (const handler of this.#handlers) this.#call(handler, change, isInInitialList);
  }

  #call(handler: Handler<T>, change: Change<T>, isInInitialList: boolean): void {
    try {
      if (change.type === 'Added') handler.onAdd?.(change.object, isInInitialList);
      else if (change.type === 'Updated') handler.onUpdate?.(change.old, change.object);
      else handler.onDelete?.(change.object);
    } catch (error) {
      // One handler's fault must not stop the others, nor the cache.
      this.#logger.error({ resource: this.resource.plural, error }, 'a handler of the informer threw');
    }
  }
}

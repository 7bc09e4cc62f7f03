import { ApiError, Conflict } from '../client/errors.ts';
import { LinkedAbort } from '../client/linked-signal.ts';
import { type Clock, systemClock } from '../clock.ts';
import { type Logger, silentLogger } from '../logger.ts';
import { type KubeObject, keyText, type Stored } from '../objects.ts';
import type { ItemBackoff } from '../queue/item-backoff.ts';
import { noMetrics } from '../queue/metrics.ts';
import { WorkQueue } from '../queue/work-queue.ts';
import { ControllerStuck, ReconcileTimeout } from './errors.ts';
import type { ControllerMetrics, Outcome } from './metrics.ts';
import { Overdue } from './overdue.ts';
import { type Reconciler, type Request, TerminalError } from './reconciler.ts';
import { type Predicate, type RequestMapper, requestForObject, type Source } from './source.ts';

export interface ControllerOptions {
  /** For logs. */
  readonly name: string;
  readonly reconcile: Reconciler;
  /** Objects looked at at once; 4 where absent. */
  readonly concurrency?: number;
  /** For one pass; its signal aborts then. 2 min where absent. */
  readonly timeoutMs?: number;
  /** How long passes that run may take to end once the controller is to stop; 10 s where absent. */
  readonly stopTimeoutMs?: number;
  readonly backoff?: ItemBackoff;
  readonly clock?: Clock;
  readonly logger?: Logger;
  readonly metrics?: ControllerMetrics;
  /** What logs say of an object besides its name. */
  readonly about?: (request: Request) => object;
}

interface Watched {
  readonly synced: (signal: AbortSignal) => Promise<void>;
  readonly listen: () => () => void;
}

/** Calls a reconciler for every object that changed, and again after what fails; never twice at once for one object. */
export class Controller {
  readonly #options: ControllerOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #metrics: ControllerMetrics;
  readonly #queue: WorkQueue<Request>;
  readonly #watched: Watched[] = [];
  readonly #active = new Set<string>();

  constructor(options: ControllerOptions) {
    const {
      clock = systemClock,
      logger = silentLogger,
      metrics = { ...noMetrics, reconciled() {} },
      backoff,
    } = options;
    this.#options = options;
    this.#clock = clock;
    this.#logger = logger;
    this.#metrics = metrics;
    this.#queue = new WorkQueue({ key: keyText, clock, metrics, ...(backoff && { backoff }) });
  }

  /** Looks at the objects that changes of `source` lead to: the changed one itself unless `requests` says others. */
  watch<T extends KubeObject>(
    source: Source<T>,
    { requests = requestForObject, when = () => true }: { requests?: RequestMapper<T>; when?: Predicate<T> } = {},
  ): this {
    const enqueue = (...objects: readonly Stored<T>[]): void => {
      for (const object of objects) for (const request of requests(object)) this.#queue.add(request);
    };
    this.#watched.push({
      synced: (signal) => source.synced(signal),
      listen: () =>
        source.addHandler({
          onAdd: (object) => when(object, null) && enqueue(object),
          // The object may have changed hands.
          onUpdate: (old, object) => when(object, old) && enqueue(old, object),
          onDelete: (object) => when(object, null) && enqueue(object),
        }),
    });
    return this;
  }

  /** Looks at an object, now or after `afterMs`. */
  enqueue(request: Request, afterMs = 0): void {
    this.#queue.addAfter(request, afterMs);
  }

  /**
   * Works until `signal` aborts and every pass has ended; to be called once. Begins when all sources have their first
   * list. Throws ControllerStuck where a pass goes on although its signal has aborted.
   */
  async run(signal: AbortSignal): Promise<void> {
    const deaf = this.#watched.map((watched) => watched.listen());
    try {
      await Promise.all(this.#watched.map((watched) => watched.synced(signal)));
      const { concurrency = 4 } = this.#options;
      using overdue = new Overdue(signal, this.#options, this.#clock, () => [...this.#active]);
      const workers = Promise.all(Array.from({ length: concurrency }, () => this.#work(signal)));
      await Promise.race([workers, overdue.passed]);
    } catch (error) {
      if (!signal.aborted || error instanceof ControllerStuck) throw error;
    } finally {
      for (const stopListening of deaf) stopListening();
      this.#queue.shutdown();
    }
  }

  async #work(signal: AbortSignal): Promise<void> {
    for (let request = await this.#queue.get(signal); request !== null; request = await this.#queue.get(signal)) {
      const name = keyText(request);
      this.#active.add(name);
      try {
        const sinceMs = this.#clock.monotonic();
        const outcome = await this.#pass(request, signal);
        this.#metrics.reconciled(outcome, this.#clock.monotonic() - sinceMs);
      } finally {
        this.#active.delete(name);
        this.#queue.done(request);
      }
    }
  }

  async #pass(request: Request, signal: AbortSignal): Promise<Outcome> {
    const { reconcile, timeoutMs = 120_000 } = this.#options;
    using abort = new LinkedAbort(signal);
    const inTime = this.#clock.after(timeoutMs, () => abort.abort(new ReconcileTimeout(keyText(request), timeoutMs)));
    try {
      const { requeueAfterMs = 0 } = (await reconcile(request, abort.signal)) ?? {};
      this.#queue.forget(request);
      if (requeueAfterMs <= 0) return 'Success';
      this.#queue.addAfter(request, requeueAfterMs);
      return 'RequeueAfter';
    } catch (error) {
      return signal.aborted ? 'Stopped' : this.#failed(request, error);
    } finally {
      inTime();
    }
  }

  #failed(request: Request, error: unknown): Outcome {
    const { name, about } = this.#options;
    const fields = { controller: name, object: keyText(request), ...about?.(request), error };
    if (error instanceof TerminalError) {
      this.#queue.forget(request);
      this.#logger.error(fields, 'reconciling failed for good');
      return 'TerminalError';
    }
    this.#queue.addRateLimited(request, error instanceof ApiError ? (error.failure.retryAfterMs ?? 0) : 0);
    if (error instanceof Conflict) {
      // The cache was a moment behind: what it lacks is on its way.
      this.#logger.debug(fields, 'reconciled an older state; again');
      return 'Conflict';
    }
    this.#logger.error({ ...fields, failures: this.#queue.failures(request) }, 'reconciling failed');
    return 'Error';
  }
}

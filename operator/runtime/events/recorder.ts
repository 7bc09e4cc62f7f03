import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { hostname } from 'node:os';
import type { Client } from '../client/client.ts';
import {
  AlreadyExists,
  ApiError,
  ApiTimeout,
  ApiUnreachable,
  NotFound,
  ServerError,
  TooManyRequests,
} from '../client/errors.ts';
import { type Clock, systemClock } from '../clock.ts';
import { type Logger, silentLogger } from '../logger.ts';
import { type KubeObject, keyOf, keyText, type Stored } from '../objects.ts';
import { events } from '../resources.ts';
import { BoundedMap } from './bounded-map.ts';
import { Correlator, type Series } from './correlator.ts';
import { type EventDescription, eventObject, eventTime, shortened } from './event-object.ts';

export interface EventRecorderOptions {
  readonly client: Client;
  /** Who says it, as `kubectl describe` shows under From. */
  readonly component: string;
  readonly instance?: string;
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** Event objects that may wait to be sent; 1,000 where absent. Further ones are dropped and counted. */
  readonly capacity?: number;
}

export interface EventStatistics {
  readonly sent: number;
  /** Not sent: the queue was full or the server refused. */
  readonly dropped: number;
  /** Left out: the object said too much. */
  readonly filtered: number;
}

/** An Event object that is to be written: the newest state of its series. */
interface Pending {
  readonly name: string;
  readonly description: EventDescription;
  readonly series: Series;
  readonly failures: number;
}

const flushTimeoutMs = 5000;
/** Two minutes without the API server cost no event, as in client-go. */
const mostFailures = 12;
const retryMs = 10_000;

function isPassing(error: unknown): boolean {
  return [ApiUnreachable, ApiTimeout, ServerError, TooManyRequests].some((kind) => error instanceof kind);
}

/** Writes Events about objects in the background. Recording never waits, never throws and never holds anything up. */
export class EventRecorder {
  readonly #options: Required<EventRecorderOptions>;
  readonly #correlator = new Correlator();
  readonly #pending = new Map<number, Pending>();
  /** Series whose Event the server has. */
  readonly #written = new BoundedMap<number, true>(4096);
  readonly #changes = new EventEmitter();
  readonly #prefix = randomBytes(5).toString('hex');
  #sending = false;
  #statistics: EventStatistics = { sent: 0, dropped: 0, filtered: 0 };

  constructor(options: EventRecorderOptions) {
    const defaults = { instance: hostname(), clock: systemClock, logger: silentLogger, capacity: 1000 };
    this.#options = { ...defaults, ...options };
  }

  /** Says that something happened to an object. `reason` is one CamelCase word, `message` a sentence. */
  event(about: Stored<KubeObject>, type: 'Normal' | 'Warning', reason: string, message: string): void {
    const { clock, component, instance, capacity } = this.#options;
    const series = this.#correlator.correlate({ object: about.metadata.uid, type, reason, message }, clock.wall());
    if (series === null || (!this.#pending.has(series.id) && this.#pending.size >= capacity)) {
      this.#count(series === null ? 'filtered' : 'dropped');
      return;
    }
    const name = `${this.#prefix}${series.id.toString(16)}`;
    // Occurrences that come while their Event waits are one write.
    this.#pending.set(series.id, {
      name,
      description: { about, type, reason, component, instance },
      series,
      failures: 0,
    });
    this.#changes.emit('change');
  }

  statistics(): EventStatistics {
    return this.#statistics;
  }

  /** Sends until `signal` aborts, then what is left, for at most 5 s; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (this.#pending.size === 0 || this.#sending) await once(this.#changes, 'change', { signal }).catch(() => {});
      else await this.#sendNext(signal);
    }
    await this.flush(AbortSignal.timeout(flushTimeoutMs));
  }

  /** Resolves when everything recorded so far is sent or dropped, or `signal` aborts. */
  async flush(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && (this.#pending.size > 0 || this.#sending)) {
      if (this.#sending) await once(this.#changes, 'change', { signal }).catch(() => {});
      else await this.#sendNext(signal);
    }
  }

  /** Sends the Event that waits longest. One at a time, so that those of an object arrive in order. */
  async #sendNext(signal: AbortSignal): Promise<void> {
    const [next] = this.#pending;
    if (next === undefined) return;
    const [id, pending] = next;
    this.#pending.delete(id);
    this.#sending = true;
    try {
      await this.#send(pending, signal);
      this.#written.touch(id, true);
      this.#count('sent');
    } catch (error) {
      const again = isPassing(error) && pending.failures + 1 < mostFailures;
      if (signal.aborted) this.#putBack(id, pending);
      else if (!again) this.#refused(pending, error);
      else {
        this.#putBack(id, { ...pending, failures: pending.failures + 1 });
        await this.#options.clock.sleep(retryMs, signal).catch(() => {});
      }
    } finally {
      this.#sending = false;
      this.#changes.emit('change');
    }
  }

  async #send({ name, description, series }: Pending, signal: AbortSignal): Promise<void> {
    const { client } = this.#options;
    const object = eventObject(description, series, name);
    const key = keyOf({ metadata: { namespace: '', name: '', ...object.metadata } });
    const change = { count: series.count, message: shortened(series.message), lastTimestamp: eventTime(series.last) };
    try {
      if (this.#written.get(series.id)) await client.patch(events, key, change, { signal });
      else await client.create(events, object, { signal });
    } catch (error) {
      // Written by an attempt whose answer was lost.
      if (error instanceof AlreadyExists) return;
      // Its time to live is over, or someone deleted it.
      if (!(error instanceof NotFound && this.#written.get(series.id))) throw error;
      await client.create(events, object, { signal });
    }
  }

  #putBack(id: number, pending: Pending): void {
    if (!this.#pending.has(id)) this.#pending.set(id, pending);
  }

  #refused({ description }: Pending, error: unknown): void {
    this.#count('dropped');
    const { about, reason } = description;
    const known = error instanceof ApiError ? 'refused' : 'not answered';
    this.#options.logger.warn({ object: keyText(keyOf(about)), reason, error }, `an event was ${known} and dropped`);
  }

  #count(what: keyof EventStatistics): void {
    this.#statistics = { ...this.#statistics, [what]: this.#statistics[what] + 1 };
  }
}

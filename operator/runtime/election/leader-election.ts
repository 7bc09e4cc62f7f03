import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { abortable } from '../client/abortable.ts';
import type { Client } from '../client/client.ts';
import { AlreadyExists, Conflict } from '../client/errors.ts';
import { LinkedAbort } from '../client/linked-signal.ts';
import { type Clock, systemClock } from '../clock.ts';
import { type Logger, silentLogger } from '../logger.ts';
import { keyText, type ObjectKey } from '../objects.ts';
import { LeadershipLost } from './errors.ts';
import { LeaseLock } from './lease-lock.ts';

export interface LeaderElectionOptions {
  readonly client: Client;
  readonly lease: Required<ObjectKey>;
  /** Unlike that of any other process, a restarted one of the same pod included; the host name and a UUID where absent. */
  readonly identity?: string;
  /** How long others wait after the last renewal that they saw; whole seconds, 15 s where absent. */
  readonly leaseDurationMs?: number;
  /** How long after its last renewal a leader stops; 10 s where absent. */
  readonly renewDeadlineMs?: number;
  readonly retryPeriodMs?: number;
  /** What only the leader does; `signal` aborts when it leads no longer or is to stop. */
  readonly onStartedLeading: (signal: AbortSignal) => Promise<void>;
  readonly onNewLeader?: (identity: string) => void;
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly logger?: Logger;
}

const jitterFactor = 1.2;

/**
 * One leader among several processes, by a Lease, with client-go's rules. A leader counts from when it *sent* its last
 * successful renewal, others from when they saw it; since `renewDeadlineMs` is shorter than `leaseDurationMs`, a leader
 * that is cut off has stopped before another begins, whatever their clocks say.
 */
export class LeaderElection {
  readonly identity: string;
  readonly #options: Required<Omit<LeaderElectionOptions, 'identity' | 'onNewLeader'>>;
  readonly #onNewLeader: (identity: string) => void;
  readonly #lock: LeaseLock;
  readonly #name: string;
  #renewedAtMs = Number.NEGATIVE_INFINITY;
  #leading = false;
  #reported: string | null = null;

  /** Throws RangeError where the times leave a leader no room to renew. */
  constructor(options: LeaderElectionOptions) {
    const { identity = `${hostname()}_${randomUUID()}`, onNewLeader = () => {}, ...rest } = options;
    const defaults = { leaseDurationMs: 15_000, renewDeadlineMs: 10_000, retryPeriodMs: 2000 };
    this.#options = { ...defaults, clock: systemClock, random: Math.random, logger: silentLogger, ...rest };
    const { client, lease, leaseDurationMs, renewDeadlineMs, retryPeriodMs, clock } = this.#options;
    if (!(retryPeriodMs * jitterFactor < renewDeadlineMs && renewDeadlineMs < leaseDurationMs)) {
      throw new RangeError('leader election needs retryPeriod x 1.2 < renewDeadline < leaseDuration');
    }
    this.identity = identity;
    this.#onNewLeader = onNewLeader;
    this.#name = keyText(lease);
    this.#lock = new LeaseLock({ client, lease, identity, leaseDurationMs, clock });
  }

  /** Whether this process may act as the leader at this moment. */
  get isLeader(): boolean {
    return this.#leading && this.#options.clock.monotonic() < this.#stopAtMs;
  }

  /** Throws LeadershipLost unless this process leads; for `client.withFence`, so that a stalled process writes nothing late. */
  assertLeader(): void {
    if (!this.isLeader) throw new LeadershipLost(this.#name, 'its time to renew has passed, or it never led');
  }

  /**
   * Waits for the lease, leads while it can be renewed, and ends: 'Stopped' when `signal` aborted or the work ended by
   * itself (the lease is given up, after the work has ended), 'Lost' when the lease could not be kept. After 'Lost' the
   * work may not have ended although its signal aborted: end the process. Rejects with what the work throws.
   */
  async run(signal: AbortSignal): Promise<'Stopped' | 'Lost'> {
    while (!signal.aborted) {
      if (await this.#try(signal)) return await this.#lead(signal);
      const { clock, retryPeriodMs, random } = this.#options;
      await clock.sleep(retryPeriodMs * (1 + jitterFactor * random()), signal).catch(() => {});
    }
    return 'Stopped';
  }

  async #lead(signal: AbortSignal): Promise<'Stopped' | 'Lost'> {
    const { logger, onStartedLeading } = this.#options;
    using work = new LinkedAbort(signal);
    using renewing = new LinkedAbort(undefined);
    this.#leading = true;
    logger.info({ lease: this.#name, identity: this.identity }, 'started leading');
    const kept = this.#keep(renewing.signal).then((lost) => {
      this.#leading = false;
      work.abort(lost);
      return lost;
    });
    // Renewed while the work winds down: nobody else begins before it has ended.
    const ended = (async () => await onStartedLeading(work.signal))();
    try {
      await Promise.race([ended, kept.then(() => this.#settled(ended))]);
    } catch (error) {
      if (!work.signal.aborted || error !== work.signal.reason) throw error;
    } finally {
      renewing.abort(null);
      if ((await kept) === null) await this.#release();
      this.#leading = false;
    }
    return (await kept) === null ? 'Stopped' : 'Lost';
  }

  /** Renews until `signal` aborts (null) or the lease is lost. */
  async #keep(signal: AbortSignal): Promise<LeadershipLost | null> {
    const { clock, retryPeriodMs } = this.#options;
    while (!signal.aborted) {
      await clock.sleep(Math.min(retryPeriodMs, this.#leftMs), signal).catch(() => {});
      if (signal.aborted) break;
      // Not cut short by a stop: only an attempt whose end is known leaves a lease that can be given up.
      const attempt = new AbortController();
      const late = clock.after(this.#leftMs, () => attempt.abort(new Error('too late to renew')));
      // Whatever the attempt waits for, the leader does not outlast its time.
      await abortable(this.#try(attempt.signal), attempt.signal).catch(() => {});
      late();
      if (signal.aborted) break;
      if (this.#leftMs === 0) return this.#lost('the lease was not renewed in time');
      const { holder } = this.#lock;
      if (holder !== this.identity) return this.#lost(`${holder ?? 'nobody'} holds it`);
    }
    return null;
  }

  /** One attempt at the lease; failures count as "not this time". */
  async #try(signal: AbortSignal): Promise<boolean> {
    const { clock, renewDeadlineMs, logger } = this.#options;
    const sentMs = clock.monotonic();
    try {
      const held = await this.#lock.acquireOrRenew({ signal, timeoutMs: renewDeadlineMs / 2, retry: false });
      if (held) this.#renewedAtMs = sentMs;
      return held;
    } catch (error) {
      const expected = error instanceof Conflict || error instanceof AlreadyExists || signal.aborted;
      if (!expected) logger.warn({ lease: this.#name, error }, 'could not reach the lease');
      return false;
    } finally {
      this.#report();
    }
  }

  async #release(): Promise<void> {
    const { renewDeadlineMs, logger } = this.#options;
    try {
      await this.#lock.release({ timeoutMs: renewDeadlineMs / 2, retry: false });
    } catch (error) {
      logger.warn({ lease: this.#name, error }, 'could not give the lease up; others wait until it ends');
    }
  }

  /** Waits for work whose signal has aborted, but not past the moment at which another may begin. */
  async #settled(ended: Promise<void>): Promise<void> {
    const { clock, leaseDurationMs } = this.#options;
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = clock.after(Math.max(this.#renewedAtMs + leaseDurationMs - clock.monotonic(), 0), resolve);
    try {
      await Promise.race([ended, promise]);
    } finally {
      cancel();
    }
  }

  #lost(why: string): LeadershipLost {
    const error = new LeadershipLost(this.#name, why);
    this.#options.logger.error({ lease: this.#name, identity: this.identity, error }, 'stopped leading');
    return error;
  }

  #report(): void {
    const { holder } = this.#lock;
    if (holder === null || holder === this.#reported) return;
    this.#reported = holder;
    this.#onNewLeader(holder);
  }

  /** Until this process has to stop unless it renews. */
  get #leftMs(): number {
    return Math.max(this.#stopAtMs - this.#options.clock.monotonic(), 0);
  }

  get #stopAtMs(): number {
    return this.#renewedAtMs + this.#options.renewDeadlineMs;
  }
}

import { type ExperimentScope, subjects } from '../../../api/subjects.ts';
import type { Archive } from '../../../store/archive.ts';
import type { Store, Stored } from '../../../store/store.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { Progress } from '../decide/observed.ts';
import type { Comparison } from '../figures.ts';
import { ProgressFold } from './progress-fold.ts';

/** An experiment whose records are followed. */
export interface Followed extends Comparison {
  readonly scope: ExperimentScope;
  readonly backoffLimit: number;
  /** Called when its records tell something new; `soon`: a decision may change by it, not only figures. */
  readonly onChange: (soon: boolean) => void;
}

export interface FollowersOptions {
  readonly store: Pick<Store, 'follow'>;
  readonly archive: Pick<Archive, 'scan'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

interface Follower {
  readonly stop: AbortController;
  readonly fold: ProgressFold;
  caughtUp: boolean;
}

const retryMs = 1_000;
/** Far apart: at rest a follower's heartbeats are all that an active experiment costs. */
const heartbeatMs = 5_000;

/** Follows the records of active experiments; each can be made anew from the stream, and costs nothing once it is dropped. */
export class Followers {
  readonly #options: FollowersOptions;
  readonly #followers = new Map<string, Follower>();
  readonly #ending = new Set<Promise<void>>();

  constructor(options: FollowersOptions) {
    this.#options = options;
  }

  /** What the records tell; null until everything that is stored was read. Begins to follow where nobody does. */
  progress(followed: Followed): Progress | null {
    const follower = this.#followers.get(followed.scope.uid) ?? this.#start(followed);
    return follower.caughtUp ? follower.fold.progress() : null;
  }

  drop(uid: string): void {
    this.#followers.get(uid)?.stop.abort();
    this.#followers.delete(uid);
  }

  /** What was read is no more: it is read anew, from the beginning. */
  dropAll(): void {
    for (const uid of [...this.#followers.keys()]) this.drop(uid);
  }

  get size(): number {
    return this.#followers.size;
  }

  /** Resolves when nothing is followed any more, after the signal aborted. */
  async ended(): Promise<void> {
    await Promise.all(this.#ending);
  }

  #start(followed: Followed): Follower {
    const follower = { stop: new AbortController(), fold: new ProgressFold(followed), caughtUp: false };
    this.#followers.set(followed.scope.uid, follower);
    const ending = this.#run(followed, follower).finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
    return follower;
  }

  /** Tries again for as long as the store is away. */
  async #run(followed: Followed, follower: Follower): Promise<void> {
    const { store, archive, clock, logger, signal } = this.#options;
    const until = AbortSignal.any([signal, follower.stop.signal]);
    const filter = subjects(followed.scope).all;
    let after = 0;
    while (!until.aborted) {
      try {
        for await (const message of archive.scan('records', filter, { after })) {
          if (until.aborted) return;
          take(message);
        }
        follower.caughtUp = true;
        followed.onChange(true);
        for await (const message of store.follow('records', filter, until, { after, heartbeatMs }))
          followed.onChange(take(message));
      } catch (error) {
        if (until.aborted) return;
        logger.warn({ err: error, uid: followed.scope.uid }, 'records cannot be followed; trying again');
        await clock.sleep(retryMs, until).catch(() => {});
      }
    }

    function take(message: Stored & { readonly sequence: number }): boolean {
      after = message.sequence;
      try {
        return follower.fold.add(message);
      } catch (error) {
        logger.warn({ err: error, subject: message.subject }, 'a message is left out');
        return false;
      }
    }
  }
}

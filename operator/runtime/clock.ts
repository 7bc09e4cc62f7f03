import { setTimeout as delay } from 'node:timers/promises';

/** Time as the runtime sees it; tests bring their own, so that none of them sleeps. */
export interface Clock {
  /** Milliseconds that never go backwards; only differences mean anything. */
  monotonic(): number;
  /** The time of day, for what other people read. */
  wall(): Date;
  /** Resolves after `ms`; rejects with the signal's reason as soon as it aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** Calls `action` after `ms` unless the function returned is called first. */
  after(ms: number, action: () => void): () => void;
}

/** Node fires a longer timer at once. */
const longestTimerMs = 2 ** 31 - 1;

export const systemClock: Clock = {
  monotonic: () => performance.now(),
  wall: () => new Date(),
  async sleep(ms, signal) {
    try {
      await delay(Math.min(ms, longestTimerMs), undefined, { signal });
    } catch {
      signal.throwIfAborted();
    }
  },
  after(ms, action) {
    const timer = setTimeout(action, Math.min(ms, longestTimerMs));
    return () => clearTimeout(timer);
  },
};

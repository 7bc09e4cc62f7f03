import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';

/** Calls back at one moment, far more exactly than a timer of the event loop does and without spinning. */
export interface Alarm extends AsyncDisposable {
  /** Replaces the moment of the next call, in milliseconds of {@link monotonicMs}; `Infinity`: none. */
  set(atMs: number): void;
}

/**
 * Starts an alarm that calls `ring` on this thread, once for each moment that was set and not replaced before it came.
 *
 * A thread of its own sleeps in `Atomics.wait` on a word of shared memory that holds the moment, so that this thread
 * goes on reading sockets meanwhile (docs/decisions, "The link's alarm": figures and the alternatives).
 */
export async function startAlarm(ring: () => void): Promise<Alarm> {
  lowerTimerSlack();
  const word = new BigInt64Array(new SharedArrayBuffer(8));
  const thread = new Worker(new URL('./alarm-thread.ts', import.meta.url), { workerData: word });
  thread.on('message', (message) => {
    if (message === 'now') ring();
  });
  await once(thread, 'online');
  return {
    set(atMs) {
      const next = atMs === Number.POSITIVE_INFINITY ? 0n : BigInt(Math.max(1, Math.round(atMs * 1e6)));
      const previous = Atomics.exchange(word, 0, next);
      // A thread that wakes too early finds the later moment by itself; only an earlier one has to wake it.
      if (next !== 0n && (previous === 0n || next < previous)) Atomics.notify(word, 0);
    },
    async [Symbol.asyncDispose]() {
      await thread.terminate();
    },
  };
}

/** Linux delays wake-ups by up to 50 us to batch them; threads started afterwards inherit what is set here. */
function lowerTimerSlack(): void {
  try {
    writeFileSync('/proc/self/timerslack_ns', '1000');
  } catch {
    // Another system, or /proc is read-only: wake-ups are about 0.05 ms later.
  }
}

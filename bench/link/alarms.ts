import { startAlarm } from '../../worker/link/alarm.ts';
import { monotonicMs } from '../../worker/measure/now.ts';

/** Ways to wake the emulator at a moment; `thread` is the one in use, the others are what it was chosen over. */
export const alarms: Readonly<Record<string, typeof startAlarm>> = {
  thread: startAlarm,
  /** `setTimeout` until 2 ms before, then `Atomics.wait` on the thread that reads the sockets. */
  blocking: async (ring) => {
    const cell = new Int32Array(new SharedArrayBuffer(4));
    const ringAt = (atMs: number) => {
      for (;;) {
        const leftMs = atMs - monotonicMs();
        if (leftMs <= 0) return ring();
        Atomics.wait(cell, 0, 0, leftMs);
      }
    };
    return timerAlarm((atMs) => atMs - monotonicMs() - 2, ringAt);
  },
  /** `setTimeout` until 1 ms before, then `setImmediate` over and over: exact, and spinning. */
  polling: async (ring) => timerAlarm((atMs) => atMs - monotonicMs(), ring),
};

function timerAlarm(waitMs: (atMs: number) => number, expired: (atMs: number) => void) {
  let cancel = () => {};
  const clear = () => cancel();
  return {
    set(atMs: number) {
      cancel();
      if (atMs === Number.POSITIVE_INFINITY) return;
      const ms = waitMs(atMs);
      if (ms >= 1) {
        const timer = setTimeout(expired, ms, atMs);
        cancel = () => clearTimeout(timer);
      } else {
        const immediate = setImmediate(expired, atMs);
        cancel = () => clearImmediate(immediate);
      }
    },
    [Symbol.asyncDispose]: async () => clear(),
  };
}

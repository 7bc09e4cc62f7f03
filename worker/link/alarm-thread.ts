import { parentPort, workerData } from 'node:worker_threads';

// The moment of the next ring in nanoseconds of process.hrtime, 0 for none.
const word: BigInt64Array = workerData;

// After a long sleep a halted processor and a cold event loop take 0.2 to 0.3 ms to get going. A first wake-up this long
// before the moment, of the other thread too, leaves about 0.06 ms.
const rouseBeforeMs = 0.3;
const longSleepMs = 1;

for (;;) {
  const at = Atomics.load(word, 0);
  const leftMs = at === 0n ? Number.POSITIVE_INFINITY : Number(at - process.hrtime.bigint()) / 1e6;
  if (at !== 0n && leftMs > longSleepMs) {
    if (Atomics.wait(word, 0, at, leftMs - rouseBeforeMs) === 'timed-out') parentPort?.postMessage('soon');
  } else if (leftMs > 0) {
    Atomics.wait(word, 0, at, leftMs);
  } else if (Atomics.compareExchange(word, 0, at, 0n) === at) {
    parentPort?.postMessage('now');
  }
}

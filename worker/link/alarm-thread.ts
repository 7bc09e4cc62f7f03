import { parentPort, workerData } from 'node:worker_threads';

// The moment of the next ring in nanoseconds of process.hrtime, 0 for none.
const word: BigInt64Array = workerData;

for (;;) {
  const at = Atomics.load(word, 0);
  const leftMs = at === 0n ? Number.POSITIVE_INFINITY : Number(at - process.hrtime.bigint()) / 1e6;
  if (leftMs > 0) Atomics.wait(word, 0, at, leftMs);
  else if (Atomics.compareExchange(word, 0, at, 0n) === at) parentPort?.postMessage(0);
}

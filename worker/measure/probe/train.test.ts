import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createFluid } from '../../link/fluid.ts';
import { arrivals, planTrain, type ServiceRate, serviceRate, trainBytes } from './train.ts';

/** When each message of a train is complete at the end of an idle Fluid link. */
function crossFluid(bitsPerSecond: number, frameBytes: number, chunks: number): number[] {
  const fluid = createFluid({ bitsPerSecond, delayMs: 7 });
  const flow = {};
  const times: number[] = [];
  let delivered = 0;
  fluid.offer(100, frameBytes * chunks, flow, (bytes, dueMs) => {
    delivered += bytes;
    while (times.length < chunks && delivered >= (times.length + 1) * frameBytes) times.push(dueMs);
  });
  return times;
}

const near = (actual: ServiceRate | null, expected: number, relative: number, support = 0.9) => {
  assert.ok(actual !== null && Math.abs(actual.bitsPerSecond / expected - 1) <= relative, `${actual?.bitsPerSecond}`);
  assert.ok(actual.support > support, `support ${actual.support}`);
};

test('what crosses a Fluid link is measured at the rate of the link', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 100_000, max: 10_000_000_000 }),
      fc.integer({ min: 20, max: 120 }),
      (rate, header) => {
        const { chunkBytes, chunks } = planTrain(trainBytes(rate));
        const frameBytes = chunkBytes + header;
        near(serviceRate(arrivals(crossFluid(rate, frameBytes, chunks), frameBytes)), rate, 1e-6);
      },
    ),
  );
});

test('one arrival 5 ms late does not change the rate, wherever it is', () => {
  const { chunkBytes, chunks } = planTrain(trainBytes(100_000_000));
  const times = crossFluid(100_000_000, chunkBytes, chunks);
  for (let late = 0; late < chunks; late++) {
    const seen = times.map((atMs, index) => (index === late ? atMs + 5 : atMs));
    near(serviceRate(arrivals(seen, chunkBytes)), 100_000_000, 0.005);
  }
});

test('a train that is read in bursts is measured by the last message of each', () => {
  const { chunkBytes, chunks } = planTrain(trainBytes(100_000_000));
  const times = crossFluid(100_000_000, chunkBytes, chunks);
  for (const readEvery of [3, 5, 8]) {
    const seen = times.map((_, index) => times[Math.min(chunks - 1, index + readEvery - 1 - (index % readEvery))] ?? 0);
    near(serviceRate(arrivals(seen, chunkBytes)), 100_000_000, 0.001, 0.7);
  }
});

test('a receiver that is away for the first half of a train leaves the rate of the other half', () => {
  const { chunkBytes, chunks } = planTrain(trainBytes(100_000_000));
  const times = crossFluid(100_000_000, chunkBytes, chunks);
  const away = times[chunks / 2] ?? 0;
  const found = serviceRate(
    arrivals(
      times.map((atMs) => Math.max(atMs, away)),
      chunkBytes,
    ),
  );
  near(found, 100_000_000, 0.005, 0.4);
  assert.ok((found?.support ?? 1) < 0.6, 'which is too little to be believed alone');
});

test('a train is 20 ms of the rate, within bounds, in 32 messages or fewer', () => {
  assert.equal(trainBytes(1_000_000), 16_384);
  assert.equal(trainBytes(100_000_000), 250_000);
  assert.equal(trainBytes(100_000_000_000), 4_194_304);
  assert.deepEqual(planTrain(16_384), { chunkBytes: 1024, chunks: 16 });
  assert.deepEqual(planTrain(250_000), { chunkBytes: 7813, chunks: 32 });
});

test('arrivals at one moment tell no rate', () => {
  assert.equal(serviceRate(arrivals([5, 5, 5], 1000)), null);
  assert.equal(serviceRate([]), null);
});

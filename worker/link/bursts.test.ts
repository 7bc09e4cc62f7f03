import assert from 'node:assert/strict';
import { test } from 'node:test';
import { burstLimit, createBurstLog } from './bursts.ts';

test('bytes that come while others are served are one burst, later ones another', () => {
  const log = createBurstLog();
  log.arrived(10, 1_000, 1_052, 18, 38);
  log.arrived(12, 500, 1_302, 22, 42);
  log.arrived(22.2, 7, 59, 22.7, 42.7);
  log.arrived(30, 100, 152, 31, 51);
  const undelivered = { lastDeliveredMs: null };
  const first = { firstInMs: 10, lastInMs: 22.2, lastServedMs: 22.7, payloadBytes: 1_507, queuePeakBytes: 1_302 };
  const second = { firstInMs: 30, lastInMs: 30, lastServedMs: 31, payloadBytes: 100, queuePeakBytes: 152 };
  assert.deepEqual(log.read(), {
    bursts: [
      { ...first, ...undelivered },
      { ...second, ...undelivered },
    ],
    omitted: 0,
  });
  log.delivered(38, 38.1);
  assert.deepEqual(log.read().bursts[0], { ...first, ...undelivered });
  log.delivered(42.7, 42.8);
  assert.deepEqual(log.read().bursts, [
    { ...first, lastDeliveredMs: 42.8 },
    { ...second, ...undelivered },
  ]);
  log.delivered(51, 51.2);
  assert.equal(log.read().bursts[1]?.lastDeliveredMs, 51.2);
});

test('a burst that grows after a part of it was delivered ends with its last byte', () => {
  const log = createBurstLog();
  log.arrived(0, 10, 62, 1, 2);
  log.delivered(2, 2);
  log.arrived(1.1, 10, 62, 3, 4);
  assert.equal(log.read().bursts[0]?.lastDeliveredMs, null);
  log.delivered(4, 4.1);
  assert.equal(log.read().bursts[0]?.lastDeliveredMs, 4.1);
});

test('what does not fit is counted and changes nothing, and a reset starts anew', () => {
  const log = createBurstLog();
  for (let index = 0; index < burstLimit + 5; index++) {
    log.arrived(index * 10, 1, 53, index * 10 + 1, index * 10 + 2);
    log.arrived(index * 10 + 1, 1, 53, index * 10 + 2, index * 10 + 3);
    log.delivered(index * 10 + 3, index * 10 + 3);
  }
  const { bursts, omitted } = log.read();
  assert.equal(omitted, 5);
  assert.equal(bursts.length, burstLimit);
  assert.deepEqual(bursts.at(-1), {
    firstInMs: (burstLimit - 1) * 10,
    lastInMs: (burstLimit - 1) * 10 + 1,
    lastServedMs: (burstLimit - 1) * 10 + 2,
    lastDeliveredMs: (burstLimit - 1) * 10 + 3,
    payloadBytes: 2,
    queuePeakBytes: 53,
  });
  log.reset();
  assert.deepEqual(log.read(), { bursts: [], omitted: 0 });
  log.arrived(1e6, 1, 53, 1e6 + 1, 1e6 + 2);
  assert.equal(log.read().bursts.length, 1);
});

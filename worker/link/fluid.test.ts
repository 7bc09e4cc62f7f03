import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createFluid } from './fluid.ts';
import type { Shaper } from './shaper.ts';
import { fluidTransferMs, wireBytes } from './wire.ts';

const rates = fc.record({
  bitsPerSecond: fc.integer({ min: 100_000, max: 10_000_000_000 }),
  delayMs: fc.double({ min: 0, max: 300, noNaN: true }),
});
const flow = {};

function offer(shaper: Shaper, nowMs: number, bytes: number, of: object = flow) {
  const out: { bytes: number; dueMs: number }[] = [];
  shaper.offer(nowMs, bytes, of, (n, dueMs) => out.push({ bytes: n, dueMs }));
  return out;
}

const near = (actual: number | undefined, expected: number, message?: string) =>
  assert.ok(
    actual !== undefined && Math.abs(actual - expected) <= 1e-6 * Math.max(1, Math.abs(expected)),
    message ?? `${actual} is not ${expected}`,
  );

test('a full segment takes 1500 bytes of the link, a partial one its own header', () => {
  assert.equal(wireBytes(0), 0);
  assert.equal(wireBytes(1), 53);
  assert.equal(wireBytes(1448), 1500);
  assert.equal(wireBytes(1449), 1553);
  assert.equal(wireBytes(12_845_056), 12_845_056 + 52 * 8871);
});

test('on an idle link the last byte is delivered after fluidTransferMs', () => {
  fc.assert(
    fc.property(
      rates,
      fc.integer({ min: 1, max: 300_000 }),
      fc.double({ min: 0, max: 1e6, noNaN: true }),
      (rate, bytes, at) => {
        near(offer(createFluid(rate), at, bytes).at(-1)?.dueMs, at + fluidTransferMs(bytes, rate));
      },
    ),
  );
});

test('a backlogged stream takes the time of its sum, in whatever pieces it was written', () => {
  fc.assert(
    fc.property(
      rates,
      fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 30 }),
      (rate, pieces) => {
        const shaper = createFluid(rate);
        // A first full segment in service keeps the next ones waiting.
        const first = offer(shaper, 5, 1448);
        const last = pieces.map((bytes) => offer(shaper, 5, bytes).at(-1)).at(-1) ?? first.at(-1);
        const total = 1448 + pieces.reduce((sum, bytes) => sum + bytes, 0);
        near(last?.dueMs, 5 + fluidTransferMs(total, rate));
      },
    ),
  );
});

test('all bytes come out in order, never early, never faster than the rate', () => {
  const arrivals = fc.array(
    fc.record({ gapMs: fc.double({ min: 0, max: 20, noNaN: true }), bytes: fc.integer({ min: 0, max: 9000 }) }),
    {
      maxLength: 40,
    },
  );
  fc.assert(
    fc.property(rates, arrivals, (rate, list) => {
      const shaper = createFluid(rate);
      let nowMs = 0;
      let lastDueMs = 0;
      for (const { gapMs, bytes } of list) {
        nowMs += gapMs;
        const out = offer(shaper, nowMs, bytes);
        assert.equal(
          out.reduce((sum, d) => sum + d.bytes, 0),
          bytes,
        );
        for (const delivery of out) {
          const sincePreviousMs = delivery.dueMs - lastDueMs;
          const serviceMs = (delivery.bytes * 8000) / rate.bitsPerSecond;
          assert.ok(sincePreviousMs >= serviceMs - 1e-6);
          assert.ok(delivery.dueMs >= nowMs + rate.delayMs + serviceMs - 1e-6);
          lastDueMs = delivery.dueMs;
        }
      }
    }),
  );
});

test('a partial segment in service is not filled; one that waits is, by its own flow only', () => {
  const rate = { bitsPerSecond: 8000, delayMs: 0 };
  const inService = createFluid(rate);
  near(offer(inService, 0, 100)[0]?.dueMs, 152);
  near(offer(inService, 10, 100)[0]?.dueMs, 304);
  near(offer(inService, 20, 100)[0]?.dueMs, 404, 'the second one waited');
  near(offer(inService, 20, 100, {})[0]?.dueMs, 556, 'another connection cannot use it');
});

test('the backlog counts bytes on the wire that have not departed', () => {
  const shaper = createFluid({ bitsPerSecond: 8000, delayMs: 50 });
  assert.equal(shaper.backlogBytes(0), 0);
  offer(shaper, 0, 2896);
  near(shaper.backlogBytes(0), 3000);
  near(shaper.backlogBytes(1000), 2000);
  near(shaper.backlogDownToMs(500), 2500);
  assert.equal(shaper.backlogBytes(4000), 0);
});

test('an end takes its place behind all bytes and no time of its own', () => {
  const shaper = createFluid({ bitsPerSecond: 8000, delayMs: 5 });
  assert.deepEqual(offer(shaper, 3, 0), [{ bytes: 0, dueMs: 8 }]);
  const [segment] = offer(shaper, 3, 1448);
  assert.deepEqual(offer(shaper, 4, 0), [{ bytes: 0, dueMs: segment?.dueMs }]);
});

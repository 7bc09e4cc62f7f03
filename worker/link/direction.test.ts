import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createDirection } from './direction.ts';
import { createLateness } from './lateness.ts';
import type { Sink } from './queue.ts';
import { fluidTransferMs } from './wire.ts';

/** A direction on a clock that the test moves, with sinks that note what they get and when. */
function setup() {
  let clockMs = 1000;
  const lateness = createLateness();
  const direction = createDirection(() => clockMs, lateness.add);
  const log: { name: string; text: string; atMs: number }[] = [];
  const sink = (name: string): Sink => ({
    write: (bytes) => log.push({ name, text: Buffer.from(bytes).toString('latin1'), atMs: clockMs }),
    end: () => log.push({ name, text: 'END', atMs: clockMs }),
  });
  return {
    direction,
    lateness,
    log,
    sink,
    advance: (ms: number) => {
      clockMs += ms;
    },
    /** Moves the clock from one due time to the next until nothing is left; returns the last one. */
    drain() {
      while (direction.nextMs !== Number.POSITIVE_INFINITY) {
        clockMs = Math.max(clockMs, direction.nextMs);
        direction.pump();
      }
      return clockMs;
    },
  };
}

const slow = { bitsPerSecond: 1_000_000, delayMs: 20 };

test('unshaped bytes pass at once', () => {
  const { direction, log, sink } = setup();
  const to = sink('a');
  direction.push(to, Buffer.from('hello'));
  direction.finish(to);
  assert.deepEqual(
    log.map((entry) => entry.text),
    ['hello', 'END'],
  );
  assert.equal(direction.nextMs, Number.POSITIVE_INFINITY);
});

test('all bytes come out in order, the last one when the link model says', () => {
  const rates = fc.record({
    bitsPerSecond: fc.integer({ min: 100_000, max: 2_000_000_000 }),
    delayMs: fc.double({ min: 0, max: 100, noNaN: true }),
  });
  fc.assert(
    fc.property(
      rates,
      fc.array(fc.string({ minLength: 1, maxLength: 4000 }), { minLength: 1, maxLength: 20 }),
      (rate, texts) => {
        const { direction, drain, log, sink, lateness } = setup();
        direction.configure(rate);
        const to = sink('a');
        const all = Buffer.concat(texts.map((text) => Buffer.from(text)));
        direction.push(to, all);
        direction.finish(to);
        const endMs = drain();
        assert.equal(
          log
            .slice(0, -1)
            .map((entry) => entry.text)
            .join(''),
          all.toString('latin1'),
        );
        assert.equal(log.at(-1)?.text, 'END');
        assert.ok(Math.abs(endMs - 1000 - fluidTransferMs(all.length, rate)) < 1e-6 * endMs);
        assert.ok((lateness.summary().maxMs ?? 0) <= 1e-9);
      },
    ),
  );
});

test('connections share one queue in the order of arrival', () => {
  const { direction, drain, log, sink, advance } = setup();
  direction.configure(slow);
  const [a, b] = [sink('a'), sink('b')];
  direction.push(a, Buffer.alloc(1448, 'a'));
  advance(1);
  direction.push(b, Buffer.alloc(1448, 'b'));
  direction.push(a, Buffer.alloc(1448, 'A'));
  drain();
  assert.deepEqual(
    log.map(({ name, atMs }) => [name, Math.round(atMs - 1000)]),
    [
      ['a', 32],
      ['b', 44],
      ['a', 56],
    ],
  );
});

test('a new profile delivers what is on its way and shapes what comes after', () => {
  const { direction, drain, log, sink } = setup();
  const to = sink('a');
  direction.configure(slow);
  direction.push(to, Buffer.alloc(100_000, 'x'));
  direction.configure({ bitsPerSecond: 10_000_000, delayMs: 1 });
  assert.equal(
    log.reduce((sum, entry) => sum + entry.text.length, 0),
    100_000,
  );
  log.length = 0;
  direction.push(to, Buffer.from('after'));
  const endMs = drain();
  assert.equal(log[0]?.text, 'after');
  assert.ok(Math.abs(endMs - 1000 - (57 * 8) / 10_000 - 1) < 1e-6);
  direction.configure(null);
  direction.push(to, Buffer.from('bare'));
  assert.equal(log.at(-1)?.text, 'bare');
});

test('a backlog holds up the sender and lets it go on long before it runs out', () => {
  const { direction, sink, advance } = setup();
  direction.configure({ bitsPerSecond: 100_000_000, delayMs: 60_000 });
  const to = sink('a');
  while (!direction.full) direction.push(to, Buffer.alloc(65_536));
  const heldBytes = direction.statistics().queuePeakBytes;
  assert.ok(heldBytes >= 64 * 1024 * 1024 && heldBytes < 65 * 1024 * 1024);
  const waitMs = direction.nextMs - 1000;
  assert.ok(waitMs < 60_000, 'the delay is not waited for');
  advance(waitMs);
  direction.pump();
  assert.equal(direction.full, false);
});

test('a limited queue reports no more than its limit and changes no delivery time', () => {
  const end = (queueBytes?: number) => {
    const { direction, drain, sink } = setup();
    direction.configure({ ...slow, ...(queueBytes === undefined ? {} : { queueBytes }) });
    const to = sink('a');
    direction.push(to, Buffer.alloc(70_000));
    assert.equal(direction.full, queueBytes !== undefined);
    const { queuePeakBytes, payloadBytes } = direction.statistics();
    assert.equal(payloadBytes, 70_000);
    assert.equal(queuePeakBytes, queueBytes ?? 72_548);
    return drain();
  };
  assert.equal(end(10_000), end());
});

test('lateness is what passed since the bytes were due', () => {
  const { direction, sink, advance, lateness } = setup();
  direction.configure({ bitsPerSecond: 8_000_000, delayMs: 10 });
  direction.push(sink('a'), Buffer.alloc(448));
  advance(direction.nextMs - 1000 + 3);
  direction.pump();
  const { count, maxMs } = lateness.summary();
  assert.equal(count, 1);
  assert.ok(maxMs !== null && Math.abs(maxMs - 3) < 1e-6);
});

test('statistics start anew when asked', () => {
  const { direction, sink } = setup();
  direction.configure(slow);
  direction.push(sink('a'), Buffer.alloc(5000));
  direction.resetStatistics();
  assert.deepEqual(direction.statistics(), { payloadBytes: 0, queuePeakBytes: 0 });
});

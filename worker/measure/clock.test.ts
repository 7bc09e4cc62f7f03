import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type ClockProbe, fitClock, probeClock } from './clock.ts';
import { ClockProbeError } from './errors.ts';

/** A remote clock: where it stood at local time 0 and how fast it drifts away. */
interface World {
  readonly skewMs: number;
  readonly driftPpm: number;
}

const remoteTime = ({ skewMs, driftPpm }: World, localMs: number) => localMs + skewMs + localMs * driftPpm * 1e-6;

/** An exchange in that world: delays each way and the time the remote takes to answer. */
function exchange(world: World, t1: number, upMs: number, answerMs: number, downMs: number): ClockProbe {
  const received = t1 + upMs;
  const replied = received + answerMs;
  return { t1, t2: remoteTime(world, received), t3: remoteTime(world, replied), t4: replied + downMs };
}

const real = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const worlds = fc.record({ skewMs: real(-250, 250), driftPpm: real(-50, 50) });
const delays = fc.tuple(real(0.01, 20), real(0, 2), real(0.01, 20));
const batches = fc.array(delays, { minLength: 1, maxLength: 16 });
// A monotonic clock of a host that has been up for a while.
const starts = real(0, 3e9);
/** What doubles around 3e9 ms cannot resolve. */
const roundingMs = 1e-5;

function batch(world: World, startMs: number, exchanges: readonly (readonly [number, number, number])[]): ClockProbe[] {
  let nowMs = startMs;
  return exchanges.map(([up, answer, down]) => {
    const probe = exchange(world, nowMs, up, answer, down);
    nowMs = probe.t4;
    return probe;
  });
}

test('every uncertainty covers the truth: before, between and after the probes', () => {
  fc.assert(
    fc.property(worlds, starts, real(1, 300_000), batches, batches, real(-0.5, 1.5), (world, start, span, b, a, at) => {
      const before = batch(world, start, b);
      const beforeEnd = before.at(-1)?.t4 ?? start;
      const after = batch(world, beforeEnd + span, a);
      const clock = fitClock(before, after);
      const localMs = start + at * (beforeEnd + span - start);
      const error = Math.abs(clock.toLocal(remoteTime(world, localMs)) - localMs);
      const said = clock.uncertaintyAt(localMs);
      assert.ok(error <= said + roundingMs, `off by ${error} ms, said ${said} ms`);
      const between = localMs >= beforeEnd && localMs <= beforeEnd + span;
      if (between) assert.ok(error <= clock.uncertaintyMs + roundingMs);
    }),
    { numRuns: 2000 },
  );
});

test('one batch alone leaves the drift open and says so', () => {
  fc.assert(
    fc.property(worlds, starts, batches, real(0, 300_000), (world, start, exchanges, later) => {
      const probes = batch(world, start, exchanges);
      const clock = fitClock(probes);
      assert.equal(clock.driftPpm, 0);
      const localMs = start + later;
      const error = Math.abs(clock.toLocal(remoteTime(world, localMs)) - localMs);
      assert.ok(error <= clock.uncertaintyAt(localMs) + roundingMs);
    }),
  );
});

test('symmetric delays give the offset and the drift themselves', () => {
  const world = { skewMs: 123.456, driftPpm: 20 };
  const clock = fitClock([exchange(world, 1000, 0.1, 0.05, 0.1)], [exchange(world, 61_000, 0.1, 0.05, 0.1)]);
  assert.ok(Math.abs(clock.driftPpm - 20) < 1e-3);
  assert.ok(Math.abs(clock.offsetMs - (remoteTime(world, 31_000) - 31_000)) < 1e-3);
  assert.ok(Math.abs(clock.toLocal(remoteTime(world, 40_000)) - 40_000) < 1e-3);
  assert.ok(clock.uncertaintyMs >= 0.1 && clock.uncertaintyMs < 0.1 + 20e-6 * 31_000);
});

test('the exchange with the least round trip counts', () => {
  const world = { skewMs: -40, driftPpm: 0 };
  const probes = [exchange(world, 0, 9, 0, 1), exchange(world, 20, 0.1, 0, 0.1), exchange(world, 40, 1, 0, 5)];
  const clock = fitClock(probes);
  assert.ok(Math.abs(clock.offsetMs + 40) < 1e-9);
  assert.ok(Math.abs(clock.uncertaintyAt(20.1) - 0.1) < 1e-3);
});

test('impossible times are refused', () => {
  assert.throws(() => fitClock([]), ClockProbeError);
  assert.throws(() => fitClock([{ t1: 2, t2: 0, t3: 0, t4: 1 }]), /runs backwards: \{"t1":2/);
  assert.throws(() => fitClock([{ t1: 0, t2: 5, t3: 7, t4: 1 }]), ClockProbeError);
  assert.throws(() => fitClock([{ t1: 0, t2: Number.NaN, t3: 7, t4: 1 }]), ClockProbeError);
  const probe = { t1: 0, t2: 0, t3: 0, t4: 1 };
  assert.throws(() => fitClock([probe], [probe]), /second batch/);
});

test('probes are asked for one after the other', async () => {
  let open = 0;
  let asked = 0;
  const probes = await probeClock(async () => {
    assert.equal(open++, 0);
    await Promise.resolve();
    open--;
    return { t1: asked, t2: 0, t3: 0, t4: ++asked };
  }, 5);
  assert.equal(probes.length, 5);
  await assert.rejects(
    probeClock(() => Promise.reject(new Error('no answer')), 3),
    /no answer/,
  );
});

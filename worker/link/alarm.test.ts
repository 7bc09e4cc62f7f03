import assert from 'node:assert/strict';
import { test } from 'node:test';
import { monotonicMs } from '../measure/now.ts';
import { startAlarm } from './alarm.ts';

const deadline = { timeout: 20_000 };

test('an alarm rings at its moment, not before', deadline, async () => {
  const { promise, resolve } = Promise.withResolvers<number>();
  await using alarm = await startAlarm(() => resolve(monotonicMs()));
  const atMs = monotonicMs() + 20;
  alarm.set(atMs);
  assert.ok((await promise) >= atMs - 0.001);
});

test('a moment in the past rings at once', deadline, async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  await using alarm = await startAlarm(resolve);
  alarm.set(-5);
  await promise;
});

test('an earlier moment replaces a later one and the other way round, and each rings once', deadline, async () => {
  const rings: number[] = [];
  let rung = Promise.withResolvers<void>();
  await using alarm = await startAlarm(() => {
    rings.push(monotonicMs());
    rung.resolve();
  });
  alarm.set(monotonicMs() + 3_600_000);
  const earlier = monotonicMs() + 30;
  alarm.set(earlier);
  await rung.promise;
  rung = Promise.withResolvers();
  alarm.set(monotonicMs() + 200);
  const later = monotonicMs() + 300;
  alarm.set(later);
  await rung.promise;
  assert.equal(rings.length, 2);
  assert.ok((rings[0] ?? 0) >= earlier - 0.001 && (rings[1] ?? 0) >= later - 0.001);
});

test('an alarm taken back does not ring', deadline, async () => {
  const { promise, resolve } = Promise.withResolvers<number>();
  await using alarm = await startAlarm(() => resolve(monotonicMs()));
  alarm.set(monotonicMs() + 200);
  alarm.set(Number.POSITIVE_INFINITY);
  const atMs = monotonicMs() + 300;
  alarm.set(atMs);
  assert.ok((await promise) >= atMs - 0.001);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fetchReporter } from './progress.ts';

function reporter() {
  const clock = { ms: 0 };
  const reported: (readonly [number, number])[] = [];
  const tell = fetchReporter({
    intervalMs: 10_000,
    quietMs: 1_000,
    now: () => clock.ms,
    report: ({ bytes }) => reported.push([clock.ms, bytes]),
  });
  const at = (ms: number, bytes: number, name = 'a', totalBytes: number | null = 100) => {
    clock.ms = ms;
    tell({ what: 'Model', name, bytes, totalBytes });
  };
  return { at, reported };
}

test('a long download is told at first, now and then, and at last', () => {
  const { at, reported } = reporter();
  for (const [ms, bytes] of [
    [0, 0],
    [500, 1],
    [1_000, 2],
    [5_000, 3],
    [10_999, 4],
    [11_000, 5],
    [11_001, 6],
    [12_000, 100],
  ] as const)
    at(ms, bytes);
  assert.deepEqual(reported, [
    [1_000, 2],
    [11_000, 5],
    [12_000, 100],
  ]);
});

test('a short one is not told; each file has its own pace', () => {
  const { at, reported } = reporter();
  at(0, 0);
  at(999, 100);
  assert.deepEqual(reported, []);
  at(1_000, 0, 'b', null);
  at(2_000, 7, 'b', null);
  assert.deepEqual(reported, [[2_000, 7]]);
});

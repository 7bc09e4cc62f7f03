import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { monotonicEpochMs, monotonicMs } from './now.ts';

test('the clock never goes back and is that of every process of the host', () => {
  const before = monotonicMs();
  const script = 'const [s, n] = process.hrtime(); console.log(s * 1e3 + n / 1e6)';
  const elsewhere = Number(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' }));
  const after = monotonicMs();
  assert.ok(before <= elsewhere && elsewhere <= after, `${before} ${elsewhere} ${after}`);
});

test('its zero on the wall clock', () => {
  const error = Math.abs(monotonicEpochMs() + monotonicMs() - Date.now());
  assert.ok(error < 60_000, `${error} ms`);
});

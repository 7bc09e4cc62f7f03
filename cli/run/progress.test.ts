import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatSeconds, showProgress } from './progress.ts';

test('without a terminal a line comes every tenth of the way, with the time left', () => {
  let nowMs = 0;
  const written: string[] = [];
  using progress = showProgress({ write: (text) => written.push(text) }, () => nowMs);
  for (let done = 0; done <= 40; done++) {
    progress.update(done, 40);
    nowMs += 1000;
  }
  assert.equal(written.length, 11);
  assert.equal(written[0], '0/40 visits\n');
  assert.equal(written[5], '20/40 visits, about 20s left\n');
  assert.equal(written[10], '40/40 visits\n');
});

test('seconds are written as people say them', () => {
  assert.deepEqual([0.2, 59.5, 200, 7500].map(formatSeconds), ['1s', '1m00s', '3m20s', '2h05m']);
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { leaveThread, takeThread } from './idle-thread.ts';

test('a thread is used again, one that ended is not, and only one is kept', async () => {
  const first = takeThread();
  const second = takeThread();
  assert.notEqual(first, second);
  leaveThread(first);
  const surplusEnded = once(second, 'exit');
  leaveThread(second);
  await surplusEnded;
  assert.equal(takeThread(), first);

  leaveThread(first);
  await first.terminate();
  const third = takeThread();
  assert.notEqual(third, first);
  await third.terminate();
});

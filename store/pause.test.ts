import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pause } from './pause.ts';

test('a pause ends with the reason of its signal', async () => {
  const reason = new Error('superseded');
  const stop = new AbortController();
  const waiting = pause(60_000, stop.signal);
  stop.abort(reason);
  await assert.rejects(waiting, (error) => error === reason);
  await assert.rejects(pause(60_000, AbortSignal.abort(reason)), (error) => error === reason);
  await pause(0, new AbortController().signal);
  await pause(0);
});

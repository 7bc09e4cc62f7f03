import assert from 'node:assert/strict';
import { test } from 'node:test';
import { operatorLog } from './log.ts';

test('an error is written with its message and stack under either name', () => {
  const lines: string[] = [];
  const log = operatorLog({ write: (line) => void lines.push(line) });
  const failure = new TypeError('not a function');
  log.error({ error: failure }, 'one');
  log.error({ err: failure }, 'other');
  const [error, err] = [JSON.parse(lines[0] ?? '').error, JSON.parse(lines[1] ?? '').err];
  assert.equal(error.message, 'not a function');
  assert.match(error.stack, /log\.test\.ts/);
  assert.deepEqual(error, err);
});

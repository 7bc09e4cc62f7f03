import assert from 'node:assert/strict';
import { test } from 'node:test';
import { phaseClock, phasesSchema } from './phases.ts';

test('phases carry the times at which they ended, and can be read back from a log', () => {
  let nowMs = 10;
  const { phases, ended } = phaseClock('0123456789abcdef', () => nowMs++);
  ended('opened');
  ended('repeated');
  phases.loadMs = { local: 1, remote: 2 };
  const read = phasesSchema.parse(JSON.parse(JSON.stringify(phases)));
  assert.deepEqual(read, {
    trialId: '0123456789abcdef',
    startedMs: 10,
    loadMs: { local: 1, remote: 2 },
    endedMs: { opened: 11, repeated: 12 },
  });
});

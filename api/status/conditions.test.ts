import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findCondition, finding, setCondition } from './conditions.ts';

const at = (second: number, generation = 1) => ({
  now: new Date(Date.UTC(2026, 0, 31, 12, 0, second, 999)),
  generation,
});

test('a condition keeps the moment at which its status changed', () => {
  const pending = setCondition([], finding('Succeeded', 'Pending'), at(1));
  const running = setCondition(pending, finding('Succeeded', 'Running', '3 of 8'), at(2));
  const done = setCondition(running, finding('Succeeded', 'Completed'), at(3, 2));
  assert.equal(findCondition(pending, 'Succeeded')?.lastTransitionTime, '2026-01-31T12:00:01Z');
  assert.deepEqual(running, [
    {
      type: 'Succeeded',
      status: 'Unknown',
      reason: 'Running',
      message: '3 of 8',
      lastTransitionTime: '2026-01-31T12:00:01Z',
      observedGeneration: 1,
    },
  ]);
  assert.equal(done[0]?.lastTransitionTime, '2026-01-31T12:00:03Z');
  assert.equal(done[0]?.observedGeneration, 2);
});

test('other conditions stay as they are, in their order', () => {
  const one = setCondition([], finding('Succeeded', 'Pending'), at(1));
  const two = setCondition(one, finding('WorkersReady', 'NotStarted'), at(1));
  const changed = setCondition(two, finding('Succeeded', 'Running'), at(2));
  assert.deepEqual(
    changed.map(({ type, reason }) => [type, reason]),
    [
      ['Succeeded', 'Running'],
      ['WorkersReady', 'NotStarted'],
    ],
  );
  assert.equal(changed[1], two[1]);
});

test('what nobody found yet is not there', () => {
  assert.equal(findCondition(undefined, 'Succeeded'), undefined);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addTallies, describeLoss } from './spans.ts';

const all = { delivered: 10, lost: 0, reason: null };
const some = { delivered: 6, lost: 4, reason: 'refused' };
const none = { delivered: 0, lost: null, reason: 'no authority' };

test('a loss is said with its share and its first reason', () => {
  assert.equal(describeLoss(all), null);
  assert.equal(describeLoss(some), '4 of 10 spans were lost: refused');
  assert.equal(describeLoss(none), 'no span was sent: no authority');
  assert.equal(describeLoss({ ...some, reason: null }), '4 of 10 spans were lost');
});

test('tallies of workers that followed each other add up', () => {
  assert.deepEqual(addTallies(null, some), some);
  assert.deepEqual(addTallies(all, some), { delivered: 16, lost: 4, reason: 'refused' });
  assert.deepEqual(addTallies(none, some), { delivered: 6, lost: 4, reason: 'no authority' });
  assert.deepEqual(addTallies(none, none), none);
});

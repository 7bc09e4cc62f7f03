import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearest } from './nearest.ts';

test('the names that differ least come first', () => {
  const names = ['block1_conv1', 'block1_conv2', 'fc1', 'predictions'];
  assert.deepEqual(nearest('Block1_Conv1', names, 2), ['block1_conv1', 'block1_conv2']);
  assert.deepEqual(nearest('predictons', names, 1), ['predictions']);
  assert.deepEqual(nearest('x', []), []);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { elementCount } from './tensor.ts';

test('a scalar has one element, an empty dimension none', () => {
  assert.equal(elementCount([]), 1);
  assert.equal(elementCount([2, 3]), 6);
  assert.equal(elementCount([2, 0]), 0);
});

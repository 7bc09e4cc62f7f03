import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPlainObject } from './plain-object.ts';

test('objects with members, and nothing else', () => {
  assert.ok(isPlainObject({}) && isPlainObject(Object.create(null)));
  for (const value of [null, undefined, [], 'text', 1, true]) assert.ok(!isPlainObject(value));
});

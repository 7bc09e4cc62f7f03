import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatPath, readPath, valueAt } from './path.ts';

test('a path is written as people write it', () => {
  assert.equal(formatPath(['spec', 'links', 1, 'profile', 'uplink']), 'spec.links[1].profile.uplink');
  assert.equal(formatPath(['metadata', 'labels', 'a.b/c']), 'metadata.labels["a.b/c"]');
  assert.equal(formatPath([]), '');
});

test('reading what was written gives the path', () => {
  const path = fc.array(fc.oneof(fc.string(), fc.nat({ max: 9999 })), { minLength: 1 });
  fc.assert(
    fc.property(path, (steps) => assert.deepEqual(readPath(`${formatPath(steps)}=1`), { path: steps, rest: '=1' })),
  );
});

test('the value at a path, and nothing where there is none', () => {
  const value = { a: [{ b: 1 }] };
  assert.equal(valueAt(value, ['a', 0, 'b']), 1);
  assert.equal(valueAt(value, ['a', 1, 'b']), undefined);
  assert.equal(valueAt(value, ['toString']), undefined);
  assert.equal(valueAt(null, ['a']), undefined);
});

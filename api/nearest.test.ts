import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { editDistance, leastDifferent, nearest } from './nearest.ts';

const word = fc.string({ maxLength: 12 });

test('finds what was meant, the likeliest first', () => {
  assert.deepEqual(nearest('bandwith', ['delay', 'bandwidth', 'queueBytes']), ['bandwidth']);
  assert.deepEqual(nearest('Bandwidth', ['bandwidth']), ['bandwidth']);
  assert.deepEqual(nearest('block1_conv3', ['block1_conv1', 'block1_conv2', 'block2_conv3', 'fc1'], 2), [
    'block1_conv1',
    'block1_conv2',
  ]);
  assert.deepEqual(nearest('fc', ['fc1', 'fc2', 'flatten']), ['fc1', 'fc2']);
});

test('a part of a name finds the name', () => {
  assert.deepEqual(nearest('pool', ['conv1', 'avg_pool', 'max_pool']), ['avg_pool', 'max_pool']);
});

test('finds nothing when nothing is close', () => {
  assert.deepEqual(nearest('entirely-else', ['delay', 'bandwidth']), []);
  assert.deepEqual(nearest('x'.repeat(100_000), ['delay']), []);
});

test('the distance of known pairs', () => {
  assert.equal(editDistance('', ''), 0);
  assert.equal(editDistance('', 'abc'), 3);
  assert.equal(editDistance('kitten', 'sitting'), 3);
  assert.equal(editDistance('bandwidth', 'bandwdith'), 1);
});

test('the distance is symmetric, zero only for equal words, and never above the longer length', () => {
  fc.assert(
    fc.property(word, word, (a, b) => {
      const distance = editDistance(a, b);
      assert.equal(distance, editDistance(b, a));
      assert.equal(distance === 0, a === b);
      assert.ok(distance <= Math.max(a.length, b.length));
    }),
  );
});

test('a name that exists is always the first answer', () => {
  fc.assert(
    fc.property(word, fc.array(word), (name, others) =>
      assert.equal(nearest(name, [...others, name], 1)[0]?.toLowerCase(), name.toLowerCase()),
    ),
  );
});

test('what differs least comes first, also where nothing is close', () => {
  const names = ['block1_conv1', 'block1_conv2', 'fc1', 'predictions', 'fc1'];
  assert.deepEqual(leastDifferent('Block1_Conv1', names, 2), ['block1_conv1', 'block1_conv2']);
  assert.deepEqual(leastDifferent('predictons', names, 1), ['predictions']);
  assert.deepEqual(leastDifferent('x', names), ['fc1', 'predictions', 'block1_conv1', 'block1_conv2']);
  assert.deepEqual(leastDifferent('x', []), []);
});

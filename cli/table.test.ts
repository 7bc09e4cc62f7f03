import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatTable } from './table.ts';

test('what a model calls its layers cannot steer the terminal', () => {
  assert.deepEqual(formatTable(['cut'], [['a\n\u001b[31mb']]), ['cut', 'a??[31mb']);
});

test('numbers stand to the right, words to the left, and nothing trails', () => {
  const lines = formatTable(
    ['cut', 'ms', ''],
    [
      ['conv_stem', '9.5', 'x'],
      ['fc', '120.0', ''],
    ],
  );
  assert.deepEqual(lines, ['cut           ms', 'conv_stem    9.5  x', 'fc         120.0']);
});

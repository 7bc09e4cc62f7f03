import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatTable } from './table.ts';

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

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { axisLines, barOf } from './bars.ts';

const axis = { startMs: 0, endMs: 10 };

test('a bar covers its part of the axis; the shortest is still seen', () => {
  assert.equal(barOf({ startMs: 0, endMs: 10 }, axis, 5), '█████');
  assert.equal(barOf({ startMs: 2, endMs: 6 }, axis, 5), ' ██  ');
  assert.equal(barOf({ startMs: 4, endMs: 4.1 }, axis, 5), '  ▏  ');
  assert.equal(barOf({ startMs: 10, endMs: 10 }, axis, 5), '    ▏');
  assert.equal(barOf({ startMs: 10, endMs: 7 }, axis, 10), '       <<<');
  assert.equal(barOf({ startMs: 10, endMs: 9.99 }, axis, 5), '    <');
  assert.equal(barOf({ startMs: 0, endMs: 0 }, { startMs: 0, endMs: 0 }, 3), '▏  ');
});

test('the axis has round numbers, each above its tick', () => {
  assert.deepEqual(axisLines({ startMs: 0, endMs: 33.2 }, 40), [
    `${'0'.padEnd(12)}${'10'.padEnd(12)}${'20'.padEnd(12)}30  `,
    `┬${'─'.repeat(11)}┬${'─'.repeat(11)}┬${'─'.repeat(11)}┬───`,
  ]);
  for (const endMs of [0.004, 0.7, 9, 123, 98_765]) {
    const lines = axisLines({ startMs: -endMs / 9, endMs }, 37);
    assert.deepEqual(
      lines.map(({ length }) => length),
      [37, 37],
      `${endMs}: ${lines}`,
    );
    assert.match(lines[1], /┬.*┬/);
  }
});

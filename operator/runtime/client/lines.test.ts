import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LineSplitter } from './lines.ts';

test('however a stream is cut into chunks, its lines are the same', () => {
  const line = fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => text.replaceAll('\n', ' '));
  fc.assert(
    fc.property(fc.array(line), line, fc.infiniteStream(fc.integer({ min: 1, max: 9 })), (lines, rest, sizes) => {
      const whole = Buffer.from(lines.map((one) => `${one}\n`).join('') + rest);
      const splitter = new LineSplitter();
      const found: string[] = [];
      for (let start = 0; start < whole.length; ) {
        const end = start + sizes.next().value;
        found.push(...splitter.push(whole.subarray(start, end)));
        start = end;
      }
      assert.deepEqual(
        found,
        lines.filter((one) => one !== ''),
      );
      assert.equal(splitter.incomplete, rest !== '');
    }),
  );
});

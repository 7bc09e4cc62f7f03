import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldStart, messageField, numberField, stringField } from './protobuf.ts';

test('fields are those of the examples in the description of the format', () => {
  assert.deepEqual([...numberField(1, 150)], [0x08, 0x96, 0x01]);
  assert.deepEqual([...stringField(2, 'testing')], [0x12, 0x07, ...Buffer.from('testing')]);
  assert.deepEqual([...messageField(3, [numberField(1, 150)])], [0x1a, 0x03, 0x08, 0x96, 0x01]);
});

test('lengths pass 2^31', () => {
  assert.deepEqual([...fieldStart(9, 2 ** 32)], [0x4a, 0x80, 0x80, 0x80, 0x80, 0x10]);
});

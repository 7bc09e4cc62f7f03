import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MessageWriter } from './writer.ts';

test('fields are encoded as the protobuf documentation shows', () => {
  assert.deepEqual([...new MessageWriter().varint(1, 150).finish()], [0x08, 0x96, 0x01]);
  assert.deepEqual(
    [...new MessageWriter().string(2, 'testing').finish()],
    [0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67],
  );
  const nested = new MessageWriter().message(3, new MessageWriter().varint(1, 150));
  assert.deepEqual([...nested.finish()], [0x1a, 0x03, 0x08, 0x96, 0x01]);
});

test('numbers beyond 32 bits and below zero keep their value', () => {
  assert.deepEqual([...new MessageWriter().varint(1, 2 ** 32).finish()], [8, 0x80, 0x80, 0x80, 0x80, 0x10]);
  assert.deepEqual([...new MessageWriter().varint(1, -1n).finish()], [8, ...Array(9).fill(0xff), 1]);
});

test('lengths pass 2^31', () => {
  assert.deepEqual([...new MessageWriter().announce(9, 2 ** 32).finish()], [0x4a, 0x80, 0x80, 0x80, 0x80, 0x10]);
});

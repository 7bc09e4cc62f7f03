import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { chunksOf } from './chunks.ts';

test('chunks are the pieces in order, within the limit, and never empty', () => {
  const piece = fc.oneof(fc.uint8Array({ maxLength: 50 }), fc.uint8Array({ minLength: 1000, maxLength: 3000 }));
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), fc.integer({ min: 1, max: 1000 }), (pieces, chunkBytes) => {
      const chunks = [...chunksOf(pieces, chunkBytes)];
      assert.ok(chunks.every(({ length }) => length > 0 && length <= chunkBytes));
      assert.deepEqual(Buffer.concat(chunks), Buffer.concat(pieces));
    }),
  );
});

test('large pieces are not copied, small neighbours become one chunk', () => {
  const large = new Uint8Array(100_000);
  const chunks = [...chunksOf([new Uint8Array(10), new Uint8Array(20), large, new Uint8Array(5)], 64 * 1024)];
  assert.deepEqual(
    chunks.map(({ length }) => length),
    [30, 65_536, 34_464, 5],
  );
  assert.equal(chunks[1]?.buffer, large.buffer);
});

test('pieces are taken only as chunks are asked for', () => {
  let taken = 0;
  const pieces = function* () {
    for (; taken < 10; taken++) yield new Uint8Array(20_000);
  };
  const chunks = chunksOf(pieces(), 20_000);
  chunks.next();
  assert.equal(taken, 0);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createTrainReceiver, decodeChunk, encodeChunk, parseMessage, probeReplySchema } from './messages.ts';

const word = fc.integer({ min: 0, max: 0xffff_ffff });

test('a message of a train is read as it was written', () => {
  fc.assert(
    fc.property(word, word, word, fc.integer({ min: 16, max: 3000 }), (id, index, chunks, bytes) => {
      const data = encodeChunk({ id, index, chunks }, bytes);
      assert.equal(data.length, bytes);
      assert.deepEqual(decodeChunk(data), { id, index, chunks });
    }),
  );
});

test('JSON and short messages are not of a train', () => {
  assert.equal(decodeChunk(Buffer.from('{"type":"pong","id":1234567}')), null);
  assert.equal(decodeChunk(new Uint8Array(15)), null);
});

test('what is not a reply is ignored', () => {
  assert.deepEqual(parseMessage(probeReplySchema, Buffer.from('{"type":"pong","id":7}')), { type: 'pong', id: 7 });
  for (const text of ['', '{', '5', '{"type":"pong"}', '{"type":"other","id":1}']) {
    assert.equal(parseMessage(probeReplySchema, Buffer.from(text)), null);
  }
});

test('a train is complete with its last message, in order and of one id', () => {
  let nowMs = 0;
  const receiver = createTrainReceiver(() => nowMs++);
  const take = (id: number, index: number) => receiver.take({ id, index, chunks: 3 });
  assert.equal(take(1, 0), null);
  assert.equal(take(1, 1), null);
  assert.deepEqual(take(1, 2), [0, 1, 2]);
  assert.equal(take(2, 1), null, 'its first message was lost');
  assert.equal(take(3, 0), null);
  assert.equal(take(4, 1), null, 'of another train');
  assert.equal(take(3, 2), null, 'one is missing');
  assert.equal(take(5, 0), null);
  assert.equal(take(5, 1), null);
  assert.deepEqual(take(5, 2), [7, 8, 9]);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readReply, readRequest } from './envelope.ts';
import { FrameInvalid } from './errors.ts';

const marks = { firstChunkMs: 1, lastChunkMs: 2, startedMs: 3, decodedMs: 4, finishedMs: 5 };
const decode = { startMs: 3, endMs: 4, activeMs: 1 };
const error = { name: 'Error', code: 'X', message: 'no' };

test('reads what stands around the meta of requests and replies', () => {
  for (const reply of [{ meta: {} }, { meta: { a: 1 }, marks, decode }, { meta: {}, error }]) {
    assert.deepEqual(readReply(reply), reply);
  }
  for (const transfer of ['Sequential', 'Pipelined']) {
    assert.deepEqual(readRequest({ transfer, meta: {} }), { transfer, meta: {} });
  }
});

test('refuses anything else', () => {
  const replies: Record<string, unknown>[] = [
    {},
    { meta: [] },
    { meta: null },
    { meta: {}, more: 1 },
    { meta: {}, marks: null },
    { meta: {}, marks: { ...marks, startedMs: '3' } },
    { meta: {}, marks: { ...marks, startedMs: null } },
    { meta: {}, marks: { ...marks, more: 6 } },
    { meta: {}, decode: { startMs: 3, endMs: 4 } },
    { meta: {}, error: { ...error, code: 7 } },
  ];
  for (const reply of replies) assert.throws(() => readReply(reply), FrameInvalid, JSON.stringify(reply));
  for (const request of [{}, { transfer: 'Both', meta: {} }, { transfer: 'Pipelined' }]) {
    assert.throws(() => readRequest(request), FrameInvalid, JSON.stringify(request));
  }
});

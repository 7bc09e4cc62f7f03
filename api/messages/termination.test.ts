import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatTermination, readTermination, terminationBytes } from './termination.ts';

test('last words are read as they were written', () => {
  const words = { fatal: { code: 'ModelInvalid', message: 'spec.cuts.layers: no layer "furst"' } };
  assert.deepEqual(readTermination(formatTermination(words)), words);
  const failed = { failed: { code: 'StoreUnavailable', message: '' } };
  assert.deepEqual(readTermination(formatTermination(failed)), failed);
});

test('whatever the message, they fit and can be read', () => {
  for (const text of ['x', '"', '\u0001', 'é', '😀', '\u2028']) {
    const words = formatTermination({ fatal: { code: 'InputInvalid', message: text.repeat(5_000) } });
    assert.ok(Buffer.byteLength(words) <= terminationBytes);
    assert.ok(Buffer.byteLength(words) > terminationBytes * 0.85, text);
    const read = readTermination(words);
    assert.ok(read && 'fatal' in read && read.fatal.message.isWellFormed());
    assert.match(read.fatal.message, /…$/);
  }
});

test('anything else is none', () => {
  for (const text of ['', 'Segmentation fault', '{"fatal": {}}', '[]', '{"fatal":{"code":"a"']) {
    assert.equal(readTermination(text), null);
  }
});

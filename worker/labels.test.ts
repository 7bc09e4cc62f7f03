import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labelReader } from './labels.ts';

const data = new Uint8Array(Float32Array.of(0.25, 0.75, 0.5, 0.5).buffer);
const scores = [{ name: 'y', type: 'float32', shape: [2, 2], data }] as const;

test('the likeliest labels of each row, by name or number', () => {
  const named = labelReader({ decode: 'Classification', topK: 1 }, ['cat', 'dog']);
  assert.deepEqual(named.read(scores), [[{ label: 'dog', probability: 0.75 }], [{ label: 'cat', probability: 0.5 }]]);
  const numbered = labelReader({ decode: 'Classification', topK: 2 }, null);
  assert.deepEqual(
    numbered.read(scores)?.[0]?.map(({ label }) => label),
    ['class 1', 'class 0'],
  );
});

test('nothing is read where nothing is asked for or nothing came', () => {
  assert.equal(labelReader({ decode: 'None', topK: 1 }, null).read(scores), null);
  assert.equal(labelReader({ topK: 1 }, null).read(scores), null);
  assert.equal(labelReader({ decode: 'Classification', topK: 1 }, null).read([]), null);
});

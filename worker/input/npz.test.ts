import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { zipSync } from 'fflate';
import { InputFileError } from './errors.ts';
import { encodeNpy } from './npy.ts';
import { parseNpz } from './npz.ts';

const ids = encodeNpy({ type: 'int64', shape: [2, 3], data: new Uint8Array(48).fill(1) });
const mask = encodeNpy({ type: 'bool', shape: [2, 3], data: new Uint8Array(6) });
const refusal = (reason: RegExp) => (error: unknown) => error instanceof InputFileError && reason.test(error.message);

test('arrays are found by name, stored or compressed; other files are left alone', () => {
  for (const level of [0, 9] as const) {
    const file = zipSync({ 'input_ids.npy': ids, 'mask.npy': mask, 'notes.txt': Buffer.from('hello') }, { level });
    const arrays = parseNpz('a.npz', file, 1000);
    assert.deepEqual([...arrays.keys()], ['input_ids', 'mask']);
    assert.deepEqual(arrays.get('input_ids')?.shape, [2, 3]);
    assert.deepEqual(
      [...(arrays.get('input_ids')?.data ?? [])],
      Array.from({ length: 48 }, () => 1),
    );
    assert.equal(arrays.get('mask')?.type, 'bool');
  }
});

test('an archive that unpacks to too much is refused before it is unpacked', () => {
  const bomb = zipSync({ 'a.npy': new Uint8Array(10_000_000), 'b.npy': new Uint8Array(10_000_000) });
  assert.ok(bomb.length < 30_000);
  assert.throws(() => parseNpz('a.npz', bomb, 15_000_000), refusal(/more than 15000000 bytes/));
});

test('an entry that unpacks to more than it says does not grow', () => {
  const lying = zipSync({ 'a.npy': new Uint8Array(10_000_000) });
  const view = new DataView(lying.buffer, lying.byteOffset);
  const directory = view.getUint32(lying.length - 6, true);
  assert.equal(view.getUint32(directory + 24, true), 10_000_000);
  view.setUint32(directory + 24, 100, true);
  assert.throws(() => parseNpz('a.npz', lying, 1000), InputFileError);
});

test('too many entries, no array, or no archive are refused', () => {
  const many = Object.fromEntries(Array.from({ length: 1001 }, (_, index) => [`${index}.txt`, new Uint8Array(0)]));
  assert.throws(() => parseNpz('a.npz', zipSync(many), 1000), refusal(/more than 1000 entries/));
  assert.throws(() => parseNpz('a.npz', zipSync({ 'a.txt': ids }), 1000), refusal(/holds no array/));
  assert.throws(() => parseNpz('a.npz', ids, 1000), refusal(/zip archive/));
  assert.throws(() => parseNpz('a.npz', new Uint8Array(0), 1000), refusal(/zip archive/));
});

test('broken archives give an InputFileError and nothing else', () => {
  const good = zipSync({ 'ids.npy': ids, 'mask.npy': mask });
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 5 }), (bytes) => {
      const file = good.slice();
      for (const [index, byte] of bytes) file[index] = byte;
      try {
        parseNpz('a.npz', file, 10_000);
      } catch (error) {
        assert.ok(error instanceof InputFileError);
      }
    }),
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type ElementType, elementBytes, elementCount } from '../tensor.ts';
import { InputFileError } from './errors.ts';
import { encodeNpy, type NpyType, parseNpy } from './npy.ts';

const types: readonly NpyType[] = ['float32', 'float64', 'float16', 'int8', 'uint16', 'int32', 'int64', 'bool'];

const arrays = fc
  .record({ type: fc.constantFrom(...types), shape: fc.array(fc.nat(5), { maxLength: 4 }) })
  .chain(({ type, shape }) => {
    const length = elementCount(shape) * elementBytes[type];
    const data = fc.uint8Array({ minLength: length, maxLength: length });
    return fc.record({ type: fc.constant(type), shape: fc.constant(shape), data });
  });

test('what is written is read, aligned, wherever the file lies in memory', () => {
  fc.assert(
    fc.property(arrays, fc.nat(9), (array, offset) => {
      const file = encodeNpy(array);
      assert.equal((file.length - array.data.length) % 64, 0);
      const moved = new Uint8Array(offset + file.length).subarray(offset);
      moved.set(file);
      const read = parseNpy('a.npy', moved);
      assert.deepEqual({ ...read, data: [...read.data] }, { ...array, data: [...array.data] });
      assert.equal(read.data.byteOffset % elementBytes[array.type], 0);
    }),
  );
});

test('an array that numpy wrote is read, big-endian ones too', () => {
  const written = (descr: string, data: readonly number[]) => {
    const header = `{'descr': '${descr}', 'fortran_order': False, 'shape': (3,), }`.padEnd(117);
    return Buffer.concat([
      Buffer.from('\x93NUMPY\x01\x00\x76\x00', 'latin1'),
      Buffer.from(`${header}\n`),
      Buffer.from(data),
    ]);
  };
  const little = parseNpy('a.npy', written('<i2', [1, 0, 2, 0, 3, 1]));
  assert.deepEqual([...new Int16Array(little.data.slice().buffer)], [1, 2, 259]);
  assert.deepEqual(little.shape, [3]);
  const big = parseNpy('a.npy', written('>i2', [0, 1, 0, 2, 1, 3]));
  assert.deepEqual([...new Int16Array(big.data.slice().buffer)], [1, 2, 259]);
});

test('what is no plain row-major array of numbers is refused with the reason', () => {
  const good = encodeNpy({ type: 'float32', shape: [2, 2], data: new Uint8Array(16) });
  const changed = (from: string, to: string) =>
    Buffer.from(Buffer.from(good).toString('latin1').replace(from, to), 'latin1');
  const refused: readonly [Uint8Array, RegExp][] = [
    [Buffer.from('PK\x03\x04 a zip archive'), /not a \.npy file/],
    [good.subarray(0, 5), /not a \.npy file/],
    [good.subarray(0, 11), /header of 118 bytes is broken/],
    [good.subarray(0, good.length - 1), /15 bytes of data, 16 expected/],
    [changed('False', ' True'), /ascontiguousarray/],
    [changed("'<f4'", "'|O8'"), /elements of type 'O8'/],
    [changed('(2, 2)', '(2,,2)'), /shape \(2,,2\) is broken/],
    [changed('(2, 2)', '(-2,2)'), /no plain array/],
    [changed("'descr'", "'discr'"), /no plain array/],
  ];
  for (const [file, reason] of refused) {
    assert.throws(
      () => parseNpy('a.npy', file),
      (error: unknown) =>
        error instanceof InputFileError && reason.test(error.message) && /^a\.npy: /.test(error.message),
      String(reason),
    );
  }
});

test('broken files give an InputFileError and nothing else', () => {
  const type: ElementType & NpyType = 'float32';
  const good = encodeNpy({ type, shape: [3], data: new Uint8Array(12) });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1 }),
      fc.nat(good.length),
      (bytes, end) => {
        const file = good.slice(0, end);
        for (const [index, byte] of bytes) file[index] = byte;
        try {
          const { shape, data, type: found } = parseNpy('a.npy', file);
          assert.equal(data.length, elementCount(shape) * elementBytes[found]);
        } catch (error) {
          assert.ok(error instanceof InputFileError);
        }
      },
    ),
  );
});

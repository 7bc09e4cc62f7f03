import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { OnnxError } from './errors.ts';
import { memorySource } from './source.ts';
import { fieldIntegers, fields, fieldText } from './wire.ts';
import { MessageWriter } from './writer.ts';

function parse(bytes: Uint8Array) {
  return [...fields(memorySource(bytes), 0, bytes.length)];
}

function refused(code: string) {
  return (error: unknown) => error instanceof OnnxError && error.code === code;
}

test('a number comes back as it was written', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100_000 }), fc.maxSafeInteger(), (number, value) => {
      const [field] = parse(new MessageWriter().varint(number, value).finish());
      assert.equal(field?.number, number);
      assert.equal(field?.value, value);
    }),
  );
});

test('the ends of int64 keep their sign and size', () => {
  const [low] = parse(new MessageWriter().varint(1, -(2n ** 63n)).finish());
  const [high] = parse(new MessageWriter().varint(1, 2n ** 63n - 1n).finish());
  assert.equal(low?.value, -(2 ** 63));
  assert.equal(high?.value, 2 ** 63);
});

test('payloads are ranges, packed and unpacked numbers the same', () => {
  const packed = new MessageWriter()
    .bytes(8, Uint8Array.of(3, 0xac, 0x02))
    .varint(8, 7)
    .string(4, 'héllo');
  const bytes = packed.finish();
  const source = memorySource(bytes);
  const [first, second, third] = fields(source, 0, bytes.length);
  assert.ok(first && second && third);
  assert.deepEqual([...fieldIntegers(source, first)], [3, 300]);
  assert.deepEqual([...fieldIntegers(source, second)], [7]);
  assert.equal(fieldText(source, third), 'héllo');
});

test('what is cut off, oversized or no protobuf is refused by name', () => {
  assert.throws(() => parse(Uint8Array.of(0x0a, 0x05, 0x61)), refused('Truncated'));
  assert.throws(() => parse(Uint8Array.of(0x08)), refused('Truncated'));
  assert.throws(() => parse(Uint8Array.of(0x08, 0xff)), refused('Truncated'));
  assert.throws(() => parse(Uint8Array.of(0x0d, 1, 2)), refused('Truncated'));
  assert.throws(() => parse(Uint8Array.of(0x0b)), refused('Malformed'));
  assert.throws(() => parse(Uint8Array.of(0x00, 0x00)), refused('Malformed'));
  assert.throws(() => parse(Uint8Array.of(0x08, ...Array(10).fill(0x80), 1)), refused('Malformed'));
  const endless = Uint8Array.of(0x0a, ...Array(9).fill(0xff), 1);
  assert.throws(() => parse(endless), refused('Truncated'), 'a length beyond 2^63');
  const wrongText = memorySource(Uint8Array.of(0x0a, 1, 0xff));
  assert.throws(() => [...fields(wrongText, 0, 3)].map((field) => fieldText(wrongText, field)), refused('Malformed'));
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { codecSchema } from '../../api/manifest/codec.ts';
import { type ElementType, elementBytes, elementCount, type Tensor } from '../tensor.ts';
import { Arena } from './codec/arena.ts';
import { TensorCorrupt } from './codec/errors.ts';
import { FrameInvalid, FrameTooLarge } from './errors.ts';
import { encodeFrame, frameDecoder, layoutMemory } from './frame.ts';

const float32 = codecSchema.parse({ type: 'Float32' });
const maxBytes = 1_000_000;
// One for all runs: what it remembers must never stand for a frame that differs.
const layouts = layoutMemory();

const tensors = fc.array(
  fc
    .record({
      name: fc.string(),
      type: fc.constantFrom(...(Object.keys(elementBytes) as ElementType[])),
      shape: fc.array(fc.nat({ max: 5 }), { maxLength: 4 }),
    })
    .chain((info) => {
      const bytes = elementCount(info.shape) * elementBytes[info.type];
      return fc
        .uint8Array({ minLength: bytes, maxLength: bytes })
        .map((data): Tensor => ({ ...info, data: data.slice() }));
    }),
  { maxLength: 4 },
);
const meta = fc
  .dictionary(
    fc.string().filter((key) => key !== '__proto__'),
    fc.jsonValue(),
    { noNullPrototype: true },
  )
  .map((value): Record<string, unknown> => JSON.parse(JSON.stringify(value)));
const compression = fc.constantFrom('None', 'Zstd', 'Deflate');

function bytesOf(frame: ReturnType<typeof encodeFrame>): Uint8Array {
  return new Uint8Array(Buffer.concat([...frame.pieces]));
}

test('a frame comes back as it was, however its bytes arrive', () => {
  fc.assert(
    fc.property(tensors, meta, compression, fc.integer({ min: 1, max: 200 }), (tensors, meta, compression, step) => {
      const frame = encodeFrame({ tensors, meta }, { ...float32, compression }, new Arena());
      const bytes = bytesOf(frame);
      assert.ok(frame.size.exact ? bytes.length === frame.size.bytes : bytes.length <= frame.size.bytes);
      const decoder = frameDecoder(new Arena(), maxBytes, layouts);
      for (let end = step; end < bytes.length; end += step) decoder.advance(bytes.subarray(0, end));
      const back = decoder.finish(bytes);
      assert.deepEqual(back.meta, meta);
      assert.deepEqual(
        back.tensors.map(({ data, ...info }) => ({ ...info, data: new Uint8Array(data) })),
        tensors,
      );
      for (const { type, data } of back.tensors) assert.equal(data.byteOffset % elementBytes[type], 0);
    }),
  );
});

test('damaged or cut frames give a named error or a frame, and never more memory than allowed', () => {
  const damage = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(tensors, compression, damage, fc.nat(), (tensors, compression, damage, cut) => {
      const bytes = bytesOf(encodeFrame({ tensors, meta: {} }, { ...float32, compression }, new Arena()));
      for (const [at, value] of damage) bytes[at % bytes.length] = value;
      const arena = new Arena(0);
      try {
        frameDecoder(arena, maxBytes, layouts).finish(
          bytes.slice(0, bytes.length - (cut % 3 === 0 ? cut % bytes.length : 0)),
        );
      } catch (error) {
        const named = error instanceof FrameInvalid || error instanceof FrameTooLarge || error instanceof TensorCorrupt;
        assert.ok(named, String(error));
      }
      assert.ok(arena.heldBytes <= 3 * maxBytes);
    }),
    { numRuns: 1000 },
  );
});

test('a description that promises too much is refused before memory is taken', () => {
  const shapes = [[1e9], [1e5, 1e5, 1e5], [2 ** 53 - 1, 2 ** 53 - 1], [1, 1e9, 0]];
  const codec = codecSchema.parse({ type: 'Affine', affine: { granularity: 'PerChannel' } });
  for (const shape of shapes) {
    const text = JSON.stringify({ codec, tensors: [{ name: 'x', type: 'float32', shape }], meta: {} });
    const bytes = new Uint8Array(1024);
    new DataView(bytes.buffer).setUint32(0, text.length, true);
    bytes.set(Buffer.from(text), 4);
    const arena = new Arena(0);
    assert.throws(() => frameDecoder(arena, maxBytes, layouts).finish(bytes), FrameTooLarge);
    assert.equal(arena.heldBytes, 0);
  }
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type Codec, codecSchema } from '../../../api/manifest/codec.ts';
import { type ElementType, elementBytes, elementCount, type Tensor } from '../../tensor.ts';
import { Arena } from './arena.ts';
import { tensorDecoder } from './decode.ts';
import { encodeTensor } from './encode.ts';
import { NotRepresentable, TensorCorrupt } from './errors.ts';
import { encodedBytes } from './layout.ts';

const codec = (value: object): Codec => codecSchema.parse(value);

/** The member that belongs to the type Affine alone. */
const affineFor = (type: string, bits: number) =>
  type === 'Affine' ? { affine: { bits, granularity: 'PerChannel' } } : {};

function tensor(values: readonly number[], shape: readonly number[], type: ElementType = 'float32'): Tensor {
  const data = type === 'float64' ? Float64Array.from(values) : Float32Array.from(values);
  return { name: 'x', type, shape, data: new Uint8Array(data.buffer) };
}

function encode(input: Tensor, choice: Codec): Uint8Array {
  const bytes = Buffer.concat([...encodeTensor(input, choice, new Arena())]);
  const expected = encodedBytes(choice, input);
  assert.ok(bytes.length <= expected.bytes, `${bytes.length} bytes, bound ${expected.bytes}`);
  if (expected.exact) assert.equal(bytes.length, expected.bytes);
  // Copied: Buffer's pool does not align.
  return new Uint8Array(bytes);
}

/** Decodes bytes that arrive in steps of `step`. */
function decode(bytes: Uint8Array, info: Tensor, choice: Codec, step = bytes.length): Tensor {
  const decoder = tensorDecoder(info, choice, new Arena());
  for (let end = Math.min(step, bytes.length); ; end = Math.min(end + step, bytes.length)) {
    decoder.advance(bytes.subarray(0, end));
    if (end === bytes.length) break;
  }
  assert.ok(decoder.tensor);
  assert.equal(decoder.used, bytes.length);
  return decoder.tensor;
}

const floatsOf = (x: Tensor) =>
  x.type === 'float64'
    ? [...new Float64Array(x.data.buffer, x.data.byteOffset, x.data.length / 8)]
    : [...new Float32Array(x.data.buffer, x.data.byteOffset, x.data.length / 4)];

const float32 = fc.float({ noNaN: true, noDefaultInfinity: true });
const shaped = (element: fc.Arbitrary<number>) =>
  fc
    .array(fc.nat({ max: 6 }), { maxLength: 4 })
    .chain((shape) =>
      fc.tuple(
        fc.constant(shape),
        fc.array(element, { minLength: elementCount(shape), maxLength: elementCount(shape) }),
      ),
    );
const compression = fc.constantFrom('None', 'Zstd', 'Deflate');
const step = fc.integer({ min: 1, max: 64 });

describe('exact codecs', () => {
  for (const type of ['Float32', 'Json'] as const) {
    test(`${type} returns every float32 as it was`, () => {
      fc.assert(
        fc.property(shaped(float32), compression, step, ([shape, values], compression, step) => {
          const input = tensor(values, shape);
          const choice = codec({ type, compression });
          const output = decode(encode(input, choice), input, choice, step);
          assert.deepEqual(
            floatsOf(output).map((x) => x + 0),
            floatsOf(input).map((x) => x + 0),
          );
        }),
      );
    });
  }

  test('Float32 keeps every bit, those of NaNs too', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 64, maxLength: 64 }), compression, (bytes, compression) => {
        const input: Tensor = { name: 'x', type: 'float32', shape: [16], data: new Uint8Array(bytes) };
        const choice = codec({ type: 'Float32', compression });
        assert.deepEqual(new Uint8Array(decode(encode(input, choice), input, choice).data), input.data);
      }),
    );
  });

  test('integers and booleans are sent as they are by every codec', () => {
    const codecs = ['Float16', 'BFloat16', 'Affine', 'Json', 'Float32'].map((type) =>
      codec({ type, compression: 'Zstd' }),
    );
    for (const type of ['int64', 'uint8', 'bool', 'int32', 'uint16'] as const) {
      const data = Uint8Array.from({ length: 6 * elementBytes[type] }, (_, i) => i % 2);
      const input: Tensor = { name: 'x', type, shape: [2, 3], data };
      for (const choice of codecs)
        assert.deepEqual(new Uint8Array(decode(encode(input, choice), input, choice).data), data);
    }
  });

  test('Json refuses what it cannot carry, by place and value', () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.throws(
        () => encode(tensor([0, bad], [2]), codec({ type: 'Json' })),
        (error) => {
          assert.ok(error instanceof NotRepresentable);
          assert.match(error.message, new RegExp(`"x": element 1 is ${bad}`));
          return true;
        },
      );
    }
  });

  test('Json is the text that JSON.stringify gives for nested arrays', () => {
    const text = encode(tensor([1, 2.5, -3, 0.1, 5, 6], [1, 3, 2]), codec({ type: 'Json' })).subarray(4);
    assert.equal(
      Buffer.from(text).toString(),
      JSON.stringify([
        [
          [1, 2.5],
          [-3, Math.fround(0.1)],
          [5, 6],
        ],
      ]),
    );
  });
});

describe('Float16 and BFloat16', () => {
  test('BFloat16 is the nearest value, ties to even', () => {
    fc.assert(
      fc.property(shaped(float32), compression, step, ([shape, values], compression, step) => {
        const input = tensor(values, shape);
        const choice = codec({ type: 'BFloat16', compression });
        const output = floatsOf(decode(encode(input, choice), input, choice, step));
        floatsOf(input).forEach((x, i) => {
          assert.equal(output[i], nearestBFloat16(x));
        });
      }),
    );
  });

  test('Float16 rounds as the language itself does', () => {
    fc.assert(
      fc.property(shaped(float32), compression, step, ([shape, values], compression, step) => {
        const input = tensor(values, shape);
        const choice = codec({ type: 'Float16', compression });
        const output = floatsOf(decode(encode(input, choice), input, choice, step));
        assert.deepEqual(output, floatsOf(input).map(Math.f16round));
      }),
    );
  });

  test('Float16 rounds right next to, at and between all its values', () => {
    const halves = new Float16Array(Uint16Array.from({ length: 0x7c00 }, (_, i) => i).buffer);
    const middles = Float32Array.from(halves, (half, i) => (half + (halves[i + 1] ?? 65_536)) / 2);
    const bits = new Uint32Array(middles.buffer);
    const around = Uint32Array.from([...bits].flatMap((middle) => [middle - 1, middle, middle + 1]));
    const values = [...halves, ...new Float32Array(around.buffer)].filter((x) => x >= 0).flatMap((x) => [x, -x]);
    const choice = codec({ type: 'Float16' });
    const input = tensor(values, [values.length]);
    assert.deepEqual(floatsOf(decode(encode(input, choice), input, choice)), values.map(Math.f16round));
  });

  test('infinities and NaN stay what they are', () => {
    const values = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, -Number.NaN, 1];
    for (const type of ['Float16', 'BFloat16']) {
      const input = tensor(values, [5]);
      // The largest payload of a NaN is the one that rounding would carry away.
      new DataView(input.data.buffer).setUint32(8, 0x7fffffff, true);
      new DataView(input.data.buffer).setUint32(12, 0xff800001, true);
      const output = floatsOf(decode(encode(input, codec({ type })), input, codec({ type })));
      assert.deepEqual(output, values);
    }
  });

  test('a tensor of another floating-point type comes back in its own type', () => {
    const values = [1.5, -2.25, 0.125, 1024];
    const wide = tensor(values, [4], 'float64');
    const half: Tensor = {
      name: 'x',
      type: 'float16',
      shape: [4],
      data: new Uint8Array(Float16Array.from(values).buffer),
    };
    for (const type of ['Float16', 'BFloat16', 'Json']) {
      assert.deepEqual(floatsOf(decode(encode(wide, codec({ type })), wide, codec({ type }))), values);
      const output = decode(encode(half, codec({ type })), half, codec({ type }));
      assert.equal(output.type, 'float16');
      assert.deepEqual(new Uint8Array(output.data), half.data);
    }
  });
});

function nearestBFloat16(x: number): number {
  const bits = new Uint32Array(Float32Array.of(x).buffer)[0] as number;
  const asFloat = (upper: number) => new Float32Array(Uint32Array.of((upper << 16) >>> 0).buffer)[0] as number;
  const below = asFloat(bits >>> 16);
  const above = asFloat((bits >>> 16) + 1);
  // One step beyond the largest value stands for infinity, as in IEEE 754.
  const step = Math.abs(below) * 2 ** -7;
  const upper = Number.isFinite(above) ? above : below + Math.sign(below) * step;
  const [down, up] = [Math.abs(x - below), Math.abs(upper - x)];
  if (down === up) return (bits >>> 16) % 2 === 0 ? below : above;
  return down < up ? below : above;
}

describe('Affine', () => {
  const affine = fc.record({
    bits: fc.integer({ min: 2, max: 8 }),
    granularity: fc.constantFrom('PerTensor', 'PerChannel'),
  });

  test('every value is within half a step of the grid', () => {
    fc.assert(
      fc.property(shaped(float32), affine, compression, step, ([shape, values], affine, compression, step) => {
        const input = tensor(values, shape);
        const choice = codec({ type: 'Affine', affine, compression });
        const output = floatsOf(decode(encode(input, choice), input, choice, step));
        const [low, high] = [Math.min(...values), Math.max(...values)];
        const scale = (high - low) / (2 ** affine.bits - 1);
        values.forEach((x, i) => {
          const rounding = 2 ** -23 * Math.max(Math.abs(low), Math.abs(high)) + 2 ** -149;
          assert.ok(
            Math.abs((output[i] as number) - x) <= (scale / 2) * (1 + 1e-6) + rounding,
            `${x} became ${output[i]}`,
          );
        });
      }),
    );
  });

  test('a constant tensor comes back exactly', () => {
    const input = tensor(new Array(9).fill(-0.3), [9]);
    const choice = codec({ type: 'Affine', affine: { bits: 3 } });
    assert.deepEqual(floatsOf(decode(encode(input, choice), input, choice)), floatsOf(input));
  });

  test('infinities become the ends of the range and NaN its lowest value', () => {
    const input = tensor([Number.POSITIVE_INFINITY, -1, 2, Number.NEGATIVE_INFINITY, Number.NaN], [5]);
    const choice = codec({ type: 'Affine', affine: { bits: 2 } });
    assert.deepEqual(floatsOf(decode(encode(input, choice), input, choice)), [2, -1, 2, -1, -1]);
    const none = tensor([Number.NaN, Number.NaN], [2]);
    assert.deepEqual(floatsOf(decode(encode(none, choice), none, choice)), [0, 0]);
  });

  test('each channel has its own range, over all batch elements', () => {
    const input = tensor([0, 1, 100, 200, 0.5, 0.25, 0, 300], [2, 2, 2]);
    const perChannel = codec({ type: 'Affine', affine: { bits: 8, granularity: 'PerChannel' } });
    const output = floatsOf(decode(encode(input, perChannel), input, perChannel));
    assert.ok(Math.abs((output[4] as number) - 0.5) <= 1 / 510 + 1e-6);
    assert.equal(encode(input, perChannel).length, 2 * 8 + 8);
  });

  test('large tensors go through every path: pieces, blocks, channels that straddle them', () => {
    const shape = [1, 7, 300, 211];
    const values = Array.from({ length: elementCount(shape) }, (_, i) => Math.sin(i) * ((i % 7) + 1));
    const input = tensor(values, shape);
    for (const compression of ['None', 'Zstd', 'Deflate']) {
      for (const type of ['Affine', 'BFloat16', 'Float16', 'Float32']) {
        for (const bits of type === 'Affine' ? [3, 8] : [8]) {
          const choice = codec({ type, compression, ...affineFor(type, bits) });
          const output = floatsOf(decode(encode(input, choice), input, choice, 100_000));
          const allowed = type === 'Affine' ? 7 / (2 ** bits - 1) + 1e-5 : 7 * 2 ** -8;
          assert.ok(
            values.every((x, i) => Math.abs((output[i] as number) - x) <= allowed),
            `${type} ${bits} ${compression}`,
          );
        }
      }
    }
  });
});

describe('corrupt input', () => {
  test('damaged bytes give a tensor or TensorCorrupt, nothing else', () => {
    const input = tensor(
      Array.from({ length: 60 }, (_, i) => i / 7),
      [1, 3, 20],
    );
    const choices = ['Float32', 'Float16', 'BFloat16', 'Affine', 'Json'].flatMap((type) =>
      ['None', 'Zstd', 'Deflate'].map((compression) => codec({ type, compression, ...affineFor(type, 5) })),
    );
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(fc.constantFrom(...choices), damage, fc.nat(), (choice, damage, cut) => {
        const bytes = encode(input, choice);
        for (const [at, value] of damage) bytes[at % bytes.length] = value;
        const decoder = tensorDecoder(input, choice, new Arena());
        try {
          decoder.advance(bytes.slice(0, bytes.length - (cut % bytes.length)));
        } catch (error) {
          assert.ok(error instanceof TensorCorrupt, String(error));
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('a block that inflates to more than its tensor is refused', () => {
    const big = tensor(new Array(100_000).fill(0), [100_000]);
    const small = tensor([0], [1]);
    for (const compression of ['Zstd', 'Deflate']) {
      const choice = codec({ type: 'Float32', compression });
      assert.throws(() => decode(encode(big, choice), small, choice), TensorCorrupt);
    }
  });

  test('Json of another shape is refused', () => {
    const choice = codec({ type: 'Json' });
    for (const shape of [[4], [2, 3], [2, 2, 1]]) {
      const other: Tensor = { ...tensor([], []), shape };
      assert.throws(() => decode(encode(tensor([1, 2, 3, 4], [2, 2]), choice), other, choice), TensorCorrupt);
    }
  });
});

test('an arena gives the same memory again after a reset, aligned and without overlap', () => {
  const arena = new Arena();
  const first = arena.take(10);
  const second = arena.take(5_000_000);
  assert.notEqual(first.buffer, second.buffer);
  assert.equal(arena.take(8).byteOffset % 8, 0);
  const held = arena.heldBytes;
  arena.reset();
  assert.equal(arena.take(10).buffer, first.buffer);
  assert.equal(arena.heldBytes, held);
});

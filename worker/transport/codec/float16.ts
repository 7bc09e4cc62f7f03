import { wordsOf } from './words.ts';

/**
 * By sign and exponent of a float32 (its upper 9 bits) four numbers: shift, addend, base, nothing; side by side, since
 * one cache line then serves a value. After J. van der Zijp, "Fast Half Float Conversions", extended to rounding to
 * nearest even: half = base + ((mantissa + addend + lowest bit kept) >> shift).
 */
const steps = new Int32Array(4 * 512);
const hidden = 24;

for (let index = 0; index < 512; index++) {
  const exponent = (index & 0xff) - 127;
  let shift = hidden;
  let addend = 0;
  let base = 0;
  if (exponent === 128) {
    // A NaN keeps one bit less than there is room for: rounded up, it never runs into the sign.
    shift = 14;
    addend = 0x3fff;
    base = 0x7c00;
  } else if (exponent > 15) {
    base = 0x7c00;
  } else if (exponent >= -14) {
    shift = 13;
    addend = 0xfff;
    base = (exponent + 15) << 10;
  } else if (exponent >= -25) {
    // Subnormal: the leading one becomes explicit. Where it is itself the lowest bit kept, it counts for the tie.
    shift = -exponent - 1;
    addend = 0x800000 + (1 << (shift - 1)) - 1 + (shift === 23 ? 1 : 0);
  }
  steps.set([shift, addend, base | (index < 256 ? 0 : 0x8000)], 4 * index);
}

/**
 * Rounds float32 values (given by their bits) to float16, to nearest, ties to even; what is too large becomes an
 * infinity, a NaN stays a NaN. `target` has as many elements as `source`.
 */
export function encodeFloat16(source: Int32Array, target: Uint16Array): void {
  const words = wordsOf(target);
  roundPairs(source, words);
  for (let i = 2 * words.length; i < source.length; i++) target[i] = round(source[i] as number);
}

function roundPairs(source: Int32Array, target: Int32Array): void {
  const count = target.length;
  for (let i = 0, j = 0; j < count; i += 2, j++) {
    target[j] = round(source[i] as number) | (round(source[i + 1] as number) << 16);
  }
}

function round(bits: number): number {
  const step = (bits >>> 21) & 0x7fc;
  const mantissa = bits & 0x7fffff;
  const shift = steps[step] as number;
  return (steps[step + 2] as number) + ((mantissa + (steps[step + 1] as number) + ((mantissa >>> shift) & 1)) >> shift);
}

let widened: Int32Array | undefined;

/** Widens float16 (given by its bits) to the bits of float32; exact. The table of 256 KB is made at first use. */
export function decodeFloat16(source: Uint16Array, target: Int32Array): void {
  widened ??= tableOfAll();
  const words = wordsOf(source);
  widenPairs(words, target, widened);
  for (let i = 2 * words.length; i < source.length; i++) target[i] = widened[source[i] as number] as number;
}

function widenPairs(source: Int32Array, target: Int32Array, table: Int32Array): void {
  const count = source.length;
  for (let i = 0, j = 0; i < count; i++, j += 2) {
    const pair = source[i] as number;
    target[j] = table[pair & 0xffff] as number;
    target[j + 1] = table[pair >>> 16] as number;
  }
}

function tableOfAll(): Int32Array {
  const halves = new Float16Array(Uint16Array.from({ length: 65_536 }, (_, i) => i).buffer);
  return new Int32Array(Float32Array.from(halves).buffer);
}

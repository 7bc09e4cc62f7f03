import { wordsOf } from './words.ts';

const infinity = 0x7f800000;
const magnitude = 0x7fffffff;

/**
 * Rounds float32 values (given by their bits) to bfloat16, to nearest, ties to even; infinities stay, a NaN stays a NaN.
 * `target` has as many elements as `source`.
 */
export function encodeBFloat16(source: Int32Array, target: Uint16Array): void {
  const words = wordsOf(target);
  const nan = roundPairs(source, words) | roundRest(source, target, 2 * words.length);
  if (nan < 0) repairNaN(source, target);
}

// Rounding would carry a NaN into the sign, but a test per value halves the speed: collect the sign bit of
// |x| + (2^31 - 1 - infinity), which only a NaN sets, and repair the piece in the rare case.
function roundPairs(source: Int32Array, target: Int32Array): number {
  const count = target.length;
  let nan = 0;
  for (let i = 0, j = 0; j < count; i += 2, j++) {
    const a = source[i] as number;
    const b = source[i + 1] as number;
    nan |= ((a & magnitude) + 0x7fffff) | ((b & magnitude) + 0x7fffff);
    const lower = (a + 0x7fff + ((a >>> 16) & 1)) | 0;
    const upper = (b + 0x7fff + ((b >>> 16) & 1)) | 0;
    target[j] = (lower >>> 16) | (upper & 0xffff0000);
  }
  return nan;
}

function roundRest(source: Int32Array, target: Uint16Array, start: number): number {
  const count = source.length;
  let nan = 0;
  for (let i = start; i < count; i++) {
    const bits = source[i] as number;
    nan |= (bits & magnitude) + 0x7fffff;
    target[i] = (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
  }
  return nan;
}

function repairNaN(source: Int32Array, target: Uint16Array): void {
  for (let i = 0; i < source.length; i++) {
    const bits = source[i] as number;
    if ((bits & magnitude) > infinity) target[i] = (bits >>> 16) | 0x40;
  }
}

/** Widens bfloat16 to the bits of float32; exact. */
export function decodeBFloat16(source: Uint16Array, target: Int32Array): void {
  const words = wordsOf(source);
  widenPairs(words, target);
  for (let i = 2 * words.length; i < source.length; i++) target[i] = (source[i] as number) << 16;
}

function widenPairs(source: Int32Array, target: Int32Array): void {
  const count = source.length;
  for (let i = 0, j = 0; i < count; i++, j += 2) {
    const pair = source[i] as number;
    target[j] = pair << 16;
    target[j + 1] = pair & 0xffff0000;
  }
}

import type { Range } from './range.ts';
import { wordsOf } from './words.ts';

/**
 * Uniform quantisation of one channel (or tensor): code q stands for `low + q * scale`, q from 0 to 2^bits - 1.
 * Both numbers are float32, since they travel as side information.
 */
export interface Grid {
  readonly low: number;
  readonly scale: number;
  /** Largest code. */
  readonly levels: number;
}

const smallestFloat32 = 2 ** -149;
const smallestNormal = 2 ** -126;
const largestFloat32 = 3.4028234663852886e38;

/** The grid that spans a range with `bits` bits; its scale is 0 only where the range is one value, or empty. */
export function gridOf({ low, high }: Range, bits: number): Grid {
  const levels = 2 ** bits - 1;
  if (low > high) return { low: 0, scale: 0, levels };
  const exact = (high - low) / levels;
  let scale = Math.fround(exact);
  // Among subnormals rounding down is coarse enough for the grid to end before `high`.
  if (scale < exact && scale < smallestNormal) scale += smallestFloat32;
  return { low, scale, levels };
}

/**
 * Writes the nearest code of each value, so that |x - decoded| <= scale / 2 but for float32 rounding. Infinities become
 * the ends of the grid, a NaN its lowest value; `finite` says that there are none of either.
 */
export function quantise(source: Float32Array, target: Uint8Array, grid: Grid, finite: boolean): void {
  const { low, scale } = grid;
  if (scale === 0) {
    target.fill(0, 0, source.length);
    return;
  }
  const perUnit = 1 / scale;
  if (!finite) {
    quantiseWithin(source, target, grid);
    return;
  }
  const words = wordsOf(target.subarray(0, source.length));
  quantiseWords(source, words, low, perUnit);
  quantiseRest(source, target, 4 * words.length, low, perUnit);
}

// Half is added and the fraction dropped: codes are never negative.
function quantiseWords(source: Float32Array, target: Int32Array, low: number, perUnit: number): void {
  const count = target.length;
  for (let i = 0, j = 0; j < count; i += 4, j++) {
    const a = (((source[i] as number) - low) * perUnit + 0.5) | 0;
    const b = (((source[i + 1] as number) - low) * perUnit + 0.5) | 0;
    const c = (((source[i + 2] as number) - low) * perUnit + 0.5) | 0;
    const d = (((source[i + 3] as number) - low) * perUnit + 0.5) | 0;
    target[j] = a | (b << 8) | (c << 16) | (d << 24);
  }
}

function quantiseRest(source: Float32Array, target: Uint8Array, start: number, low: number, perUnit: number): void {
  const count = source.length;
  for (let i = start; i < count; i++) target[i] = ((source[i] as number) - low) * perUnit + 0.5;
}

function quantiseWithin(source: Float32Array, target: Uint8Array, { low, scale, levels }: Grid): void {
  for (let i = 0; i < source.length; i++) {
    const code = Math.floor(((source[i] as number) - low) / scale + 0.5);
    target[i] = code > 0 ? Math.min(code, levels) : 0;
  }
}

const table = new Float32Array(256);
const tableBits = new Int32Array(table.buffer);

/** Writes the value of each code as float32; the end of the grid never overflows. Every code is within the grid. */
export function dequantise(source: Uint8Array, target: Float32Array, { low, scale, levels }: Grid): void {
  if (source.length <= 2 * levels) {
    for (let i = 0; i < source.length; i++) target[i] = Math.min(low + (source[i] as number) * scale, largestFloat32);
    return;
  }
  for (let code = 0; code <= levels; code++) table[code] = Math.min(low + code * scale, largestFloat32);
  // Integers are moved: V8 would widen a float32 to a double and back.
  const bits = new Int32Array(target.buffer, target.byteOffset, target.length);
  const words = wordsOf(source);
  lookUpWords(words, bits);
  lookUpRest(source, bits, 4 * words.length);
}

function lookUpWords(source: Int32Array, target: Int32Array): void {
  const count = source.length;
  for (let i = 0, j = 0; i < count; i++, j += 4) {
    const codes = source[i] as number;
    target[j] = tableBits[codes & 0xff] as number;
    target[j + 1] = tableBits[(codes >>> 8) & 0xff] as number;
    target[j + 2] = tableBits[(codes >>> 16) & 0xff] as number;
    target[j + 3] = tableBits[codes >>> 24] as number;
  }
}

function lookUpRest(source: Uint8Array, target: Int32Array, start: number): void {
  const count = source.length;
  for (let i = start; i < count; i++) target[i] = tableBits[source[i] as number] as number;
}

import { median } from './quantiles.ts';

/** A figure with the interval that holds the true one with 95 % confidence; null where the data cannot tell. */
export interface Estimate {
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** A figure that is known exactly, such as a number of bytes. */
export function exactly(value: number): Estimate {
  return { value, low: value, high: value };
}

/**
 * The median of all samples of a trial with a 95 % interval that respects its blocks. Samples of one block share its
 * minute, its temperature and its neighbours, so that blocks, not samples, are what was repeated independently: the
 * interval is Student's over the medians of the blocks (batch means; Law, Simulation Modeling and Analysis, section
 * 9.5.3). A bootstrap over three blocks would be far too narrow, as it never sees more than three values
 * (docs/decisions/0011-interval-of-the-median.md has coverage figures). With one block there is no interval.
 *
 * `blocks` are lists of samples in any one unit; empty ones do not count. Throws RangeError when there is no sample.
 */
export function medianInterval(blocks: readonly (readonly number[])[]): Estimate {
  const filled = blocks.filter((block) => block.length > 0);
  if (filled.length === 0) throw new RangeError('there are no samples to take a median of');
  const value = median(filled.flat());
  if (filled.length < 2) return { value, low: null, high: null };
  const halfWidth = studentQuantile(filled.length - 1) * standardError(filled.map(median));
  return { value, low: value - halfWidth, high: value + halfWidth };
}

function standardError(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1) / values.length);
}

const normalQuantile = 1.959964;

/** 97.5 % points of Student's t for 1 to 30 degrees of freedom. */
const studentQuantiles = [
  12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.306, 2.2622, 2.2281, 2.201, 2.1788, 2.1604, 2.1448, 2.1314,
  2.1199, 2.1098, 2.1009, 2.093, 2.086, 2.0796, 2.0739, 2.0687, 2.0639, 2.0595, 2.0555, 2.0518, 2.0484, 2.0452, 2.0423,
];

/** The 97.5 % point of Student's t; beyond the table by its expansion in 1/degrees (Abramowitz and Stegun 26.7.5). */
export function studentQuantile(degrees: number): number {
  const z = normalQuantile;
  const second = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * degrees ** 2);
  return studentQuantiles[degrees - 1] ?? z + (z ** 3 + z) / (4 * degrees) + second;
}

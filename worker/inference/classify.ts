import type { Tensor } from '../tensor.ts';
import { numbersOf } from './check.ts';
import { OutputMismatchError } from './errors.ts';

export interface Classification {
  readonly label: string;
  readonly probability: number;
}

/** A row may miss one by what 16-bit elements lose over a thousand classes. */
const sumTolerance = 1e-3;

/**
 * The most probable labels of each row of a classifier's output, best first, equal ones in the order of the classes.
 * The last axis holds the classes, all others are rows. Unless each row sums to 1 already, its softmax is taken.
 * `labels` names the classes; null names them by number. Throws `OutputMismatchError` where their counts differ.
 */
export function classifyRows(
  output: Tensor,
  labels: readonly string[] | null,
  topK: number,
): readonly (readonly Classification[])[] {
  const rows = rowsOf(output);
  const classes = rows[0]?.length ?? 0;
  if (labels && rows.length > 0 && labels.length !== classes) {
    throw new OutputMismatchError(
      `output "${output.name}" has ${classes} classes, but there are ${labels.length} labels`,
    );
  }
  const probabilities = rows.every(isDistribution) ? rows : rows.map(softmax);
  return probabilities.map((row) =>
    [...row.keys()]
      .sort((a, b) => rank(row, b) - rank(row, a) || a - b)
      .slice(0, topK)
      .map((index) => ({ label: labels?.[index] ?? `class ${index}`, probability: row[index] ?? Number.NaN })),
  );
}

/** Rows counted, and how many of them have what was asked for: counts, so that they add up over inputs. */
export interface RowCount {
  readonly rows: number;
  readonly matching: number;
}

/** In how many rows two outputs of a classifier have the same best class; a row with NaN has none. */
export function countAgreement(actual: Tensor, reference: Tensor): RowCount {
  const given = rowsOf(actual);
  const expected = rowsOf(reference);
  if (given.length !== expected.length || given[0]?.length !== expected[0]?.length) {
    const form = `[${actual.shape.join(', ')}] and [${reference.shape.join(', ')}]`;
    throw new OutputMismatchError(`output "${reference.name}": shapes ${form} cannot be compared`);
  }
  return countRows(given, (row, index) => bestClass(row) === bestClass(expected[index] ?? row));
}

/** In how many rows the best class is the one expected: `expectedClasses` holds one class number per row. */
export function countCorrect(output: Tensor, expectedClasses: readonly number[]): RowCount {
  const rows = rowsOf(output);
  if (rows.length !== expectedClasses.length) {
    throw new OutputMismatchError(
      `output "${output.name}" has ${rows.length} rows for ${expectedClasses.length} labels`,
    );
  }
  return countRows(rows, (row, index) => bestClass(row) === expectedClasses[index]);
}

function countRows(rows: readonly Row[], matches: (row: Row, index: number) => boolean): RowCount {
  return {
    rows: rows.length,
    matching: rows.filter((row, index) => bestClass(row) >= 0 && matches(row, index)).length,
  };
}

type Row = Float64Array;

function rowsOf(output: Tensor): readonly Row[] {
  const numbers = Float64Array.from(numbersOf(output));
  const classes = output.shape.at(-1) ?? 1;
  if (classes === 0) throw new OutputMismatchError(`output "${output.name}" has no classes`);
  return Array.from({ length: numbers.length / classes }, (_, row) =>
    numbers.subarray(row * classes, (row + 1) * classes),
  );
}

/** The first of the largest elements; -1 where one is no number. */
function bestClass(row: Row): number {
  return row.some(Number.isNaN) ? -1 : row.indexOf(row.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY));
}

function isDistribution(row: Row): boolean {
  const sum = row.reduce((total, value) => total + value, 0);
  return Math.abs(sum - 1) <= sumTolerance && row.every((value) => value >= 0);
}

function softmax(row: Row): Row {
  const largest = row.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const powers = row.map((value) => Math.exp(value - largest));
  const sum = powers.reduce((total, value) => total + value, 0);
  return powers.map((value) => value / sum);
}

/** NaN goes last. */
function rank(row: Row, index: number): number {
  const value = row[index] ?? Number.NaN;
  return Number.isNaN(value) ? -1 : value;
}

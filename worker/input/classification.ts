import { elementCount, type Tensor } from '../tensor.ts';
import { OutputShapeError } from './errors.ts';

/** A class and how likely the model holds it, 0 to 1. */
export interface Classification {
  readonly label: string;
  readonly probability: number;
}

/** Rows that add up to 1 within this are probabilities already; float16 sums of 1,000 classes err by less. */
const sumTolerance = 0.01;

/**
 * The `count` likeliest classes of each row of `scores`, shape (rows, classes) or (rows, classes, 1, ...), likeliest
 * first, equal ones in output order. Softmax is applied unless all rows are probabilities. A class is named by
 * `classNames` where their number is right, else by its index. A row that is not finite has no classes. Throws
 * OutputShapeError for tensors that are no such scores.
 */
export function topClasses(
  scores: Tensor,
  classNames: readonly string[] | undefined,
  count: number,
): readonly (readonly Classification[])[] {
  const rows = rowsOf(scores);
  const probabilities = rows.every(isDistribution) ? rows : rows.map(softmax);
  const names = classNames?.length === rows[0]?.length ? classNames : undefined;
  return probabilities.map((row) => {
    if (!row.every(Number.isFinite)) return [];
    const order = Array.from(row.keys()).sort((a, b) => (row[b] ?? 0) - (row[a] ?? 0) || a - b);
    return order
      .slice(0, count)
      .map((index) => ({ label: names?.[index] ?? `${index}`, probability: row[index] ?? 0 }));
  });
}

function rowsOf({ name, type, shape, data }: Tensor): Float64Array[] {
  const [rows = 0, classes = 0, ...others] = shape;
  if (shape.length < 2 || classes < 1 || others.some((size) => size !== 1)) {
    throw new OutputShapeError(name, `has the shape [${shape.join(', ')}], not [rows, classes]`);
  }
  const { buffer, byteOffset } = data;
  const count = elementCount(shape);
  const elements =
    type === 'float32'
      ? new Float32Array(buffer, byteOffset, count)
      : type === 'float64'
        ? new Float64Array(buffer, byteOffset, count)
        : type === 'float16'
          ? new Float16Array(buffer, byteOffset, count)
          : undefined;
  if (elements === undefined) throw new OutputShapeError(name, `has ${type} elements, not floating-point scores`);
  return Array.from({ length: rows }, (_, row) =>
    Float64Array.from(elements.subarray(row * classes, (row + 1) * classes)),
  );
}

function isDistribution(row: Float64Array): boolean {
  const sum = row.reduce((total, value) => total + value, 0);
  return Math.abs(sum - 1) <= sumTolerance && row.every((value) => value >= 0);
}

function softmax(row: Float64Array): Float64Array {
  const highest = row.reduce((high, value) => Math.max(high, value), Number.NEGATIVE_INFINITY);
  const powers = row.map((value) => Math.exp(value - highest));
  const sum = powers.reduce((total, value) => total + value, 0);
  return powers.map((value) => value / sum);
}

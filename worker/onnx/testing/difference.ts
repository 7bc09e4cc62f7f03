import type { Tensor } from '../../tensor.ts';

/**
 * Says how `actual` differs from `expected`, or nothing: bit for bit where `tolerance` is 0 and for integers, else by
 * more than `tolerance` times the largest finite absolute value, or 1; what is not finite has to be the same.
 */
export function difference(expected: Tensor, actual: Tensor | undefined, tolerance: number): string | undefined {
  if (actual === undefined) return 'is missing';
  if (actual.type !== expected.type || actual.shape.join() !== expected.shape.join()) {
    return `is ${actual.type} [${actual.shape}] instead of ${expected.type} [${expected.shape}]`;
  }
  if (Buffer.compare(actual.data, expected.data) === 0) return undefined;
  if (tolerance === 0 || !expected.type.startsWith('float')) return 'is not the same bit for bit';
  const [a, b] = [numbers(expected), numbers(actual)];
  const scale = a.reduce((most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most), 1);
  const index = a.findIndex((value, at) => {
    const other = b[at] ?? Number.NaN;
    return !Object.is(value, other) && !(Math.abs(value - other) <= tolerance * scale);
  });
  return index < 0 ? undefined : `differs at ${index}: ${b[index]} instead of ${a[index]}`;
}

function numbers({ type, data }: Tensor): number[] {
  const buffer = data.slice().buffer;
  if (type === 'float16') return [...new Float16Array(buffer)];
  return type === 'float64' ? [...new Float64Array(buffer)] : [...new Float32Array(buffer)];
}

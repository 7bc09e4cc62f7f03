import { NotRepresentable, TensorCorrupt } from './errors.ts';

type Nested = number | readonly Nested[];
type Floats = Float32Array | Float64Array;

/**
 * A tensor as today's testbeds send it: nested arrays through JSON.stringify. Numbers are written as doubles with all
 * their digits, hence exactly but for the sign of zero. Throws {@link NotRepresentable} for NaN and infinities, which JSON lacks.
 */
export function encodeJson(name: string, values: Floats, shape: readonly number[]): Uint8Array {
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) throw new NotRepresentable(name, i, values[i], 'Json');
  }
  const inner = shape.at(-1);
  const rows = shape.slice(0, -1);
  let at = 0;
  const nest = (axis: number): Nested => {
    if (inner === undefined) return values[0] as number;
    if (axis === rows.length) {
      at += inner;
      return Array.from(values.subarray(at - inner, at));
    }
    return Array.from({ length: rows[axis] as number }, () => nest(axis + 1));
  };
  return Buffer.from(JSON.stringify(nest(0)), 'latin1');
}

/** Reverses {@link encodeJson} into `target`. Throws {@link TensorCorrupt} unless the text has exactly this shape. */
export function decodeJson(name: string, text: Uint8Array, shape: readonly number[], target: Floats): void {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(text.buffer, text.byteOffset, text.length).toString('latin1'));
  } catch (cause) {
    throw new TensorCorrupt(name, 'its text is not JSON', { cause });
  }
  let at = 0;
  const fill = (value: unknown, axis: number): void => {
    if (axis === shape.length) {
      if (typeof value !== 'number') throw new TensorCorrupt(name, `element ${at} is not a number`);
      target[at++] = value;
      return;
    }
    if (!Array.isArray(value) || value.length !== shape[axis]) {
      throw new TensorCorrupt(name, `axis ${axis} is not a list of ${shape[axis]}`);
    }
    for (const element of value) fill(element, axis + 1);
  };
  fill(parsed, 0);
}

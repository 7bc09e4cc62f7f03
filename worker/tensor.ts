/** Element types as ONNX Runtime names them; the same words stand in records. */
export const elementBytes = {
  float32: 4,
  float64: 8,
  float16: 2,
  bfloat16: 2,
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  uint64: 8,
  bool: 1,
} as const;

export type ElementType = keyof typeof elementBytes;

/**
 * A dense tensor in row-major order. `data` holds the elements as little-endian bytes, aligned for its element type,
 * and may be a view of shared memory; its length is the product of `shape` times the size of one element.
 */
export interface Tensor {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

/** Number of elements of a shape; an empty shape is a scalar. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

import { type ElementType, elementBytes, elementCount, type Tensor } from '../tensor.ts';
import { FeedError } from './errors.ts';

/** Element types that ONNX Runtime's Node binding passes in and out; it has no bfloat16. */
export const runtimeTypes = [
  'float32',
  'float64',
  'float16',
  'int8',
  'uint8',
  'int16',
  'uint16',
  'int32',
  'uint32',
  'int64',
  'uint64',
  'bool',
] as const satisfies readonly ElementType[];

export type RuntimeType = (typeof runtimeTypes)[number];

/** Whether the runtime can take and give elements of this type. */
export function isRuntimeType(type: string): type is RuntimeType {
  return (runtimeTypes as readonly string[]).includes(type);
}

interface Arrays {
  float32: Float32Array;
  float64: Float64Array;
  float16: Float16Array;
  int8: Int8Array;
  uint8: Uint8Array;
  int16: Int16Array;
  uint16: Uint16Array;
  int32: Int32Array;
  uint32: Uint32Array;
  int64: BigInt64Array;
  uint64: BigUint64Array;
  bool: Uint8Array;
}

type Views = {
  readonly [Type in RuntimeType]: (buffer: ArrayBufferLike, offset: number, length: number) => Arrays[Type];
};

const views: Views = {
  float32: (...view) => new Float32Array(...view),
  float64: (...view) => new Float64Array(...view),
  float16: (...view) => new Float16Array(...view),
  int8: (...view) => new Int8Array(...view),
  uint8: (...view) => new Uint8Array(...view),
  int16: (...view) => new Int16Array(...view),
  uint16: (...view) => new Uint16Array(...view),
  int32: (...view) => new Int32Array(...view),
  uint32: (...view) => new Uint32Array(...view),
  int64: (...view) => new BigInt64Array(...view),
  uint64: (...view) => new BigUint64Array(...view),
  bool: (...view) => new Uint8Array(...view),
};

/** The elements of a tensor's bytes, without a copy; `bytes` must be aligned for `type`. */
export function elementsOf<Type extends RuntimeType>(type: Type, bytes: Uint8Array): Arrays[Type] {
  return views[type](bytes.buffer, bytes.byteOffset, bytes.byteLength / elementBytes[type]);
}

/** Whether another thread can read these bytes as elements of `type` where they are. */
export function isSharedAndAligned(type: ElementType, bytes: Uint8Array): boolean {
  return bytes.buffer instanceof SharedArrayBuffer && bytes.byteOffset % elementBytes[type] === 0;
}

/** Throws `FeedError` unless the tensor holds as many bytes as its type and shape say. */
export function checkLength({ name, type, shape, data }: Tensor): void {
  const expected = elementCount(shape) * elementBytes[type];
  if (data.byteLength !== expected) {
    const said = `${data.byteLength} bytes for ${type} [${shape.join(', ')}]`;
    throw new FeedError(name, said, `give ${expected} bytes`);
  }
}

/** A piece of shared memory that is kept from one use to the next and grows when it has to. */
export function reusableSharedBytes(): (length: number) => Uint8Array<SharedArrayBuffer> {
  let buffer = new SharedArrayBuffer(0);
  return (length) => {
    if (buffer.byteLength < length) buffer = new SharedArrayBuffer(length);
    return new Uint8Array(buffer, 0, length);
  };
}

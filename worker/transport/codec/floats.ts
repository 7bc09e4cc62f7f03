import type { Tensor } from '../../tensor.ts';
import type { Arena } from './arena.ts';
import { decodeBFloat16, encodeBFloat16 } from './bfloat16.ts';
import { decodeFloat16, encodeFloat16 } from './float16.ts';

/** A view of bytes as another element type; the bytes are aligned for it. */
type View<T> = { new (buffer: ArrayBufferLike, offset: number, length: number): T; BYTES_PER_ELEMENT: number };

/** The same bytes as elements of another type. */
export function viewAs<T>(Type: View<T>, bytes: Uint8Array): T {
  return new Type(bytes.buffer, bytes.byteOffset, bytes.length / Type.BYTES_PER_ELEMENT);
}

/** The elements of a floating-point tensor as bits of float32; float64 is rounded, the others are exact. */
export function toFloat32(tensor: Pick<Tensor, 'type' | 'data'>, arena: Arena): Int32Array {
  if (tensor.type === 'float32') return viewAs(Int32Array, tensor.data);
  if (tensor.type === 'float64') {
    const source = viewAs(Float64Array, tensor.data);
    const bytes = arena.take(4 * source.length);
    viewAs(Float32Array, bytes).set(source);
    return viewAs(Int32Array, bytes);
  }
  const source = viewAs(Uint16Array, tensor.data);
  const target = viewAs(Int32Array, arena.take(4 * source.length));
  if (tensor.type === 'float16') decodeFloat16(source, target);
  else decodeBFloat16(source, target);
  return target;
}

/** Reverses {@link toFloat32} into the bytes of a tensor of `type`; the 16-bit types are rounded. */
export function fromFloat32(source: Int32Array, type: Tensor['type'], target: Uint8Array): void {
  if (type === 'float32') viewAs(Int32Array, target).set(source);
  else if (type === 'float64') {
    viewAs(Float64Array, target).set(new Float32Array(source.buffer, source.byteOffset, source.length));
  } else if (type === 'float16') encodeFloat16(source, viewAs(Uint16Array, target));
  else encodeBFloat16(source, viewAs(Uint16Array, target));
}

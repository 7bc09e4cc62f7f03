import { Tensor as OrtTensor } from '../onnxruntime.ts';
import type { Tensor } from '../tensor.ts';
import type { RunnableType } from './dimensions.ts';

/**
 * A tensor as ONNX Runtime takes it, over a copy of the elements. Throws `TypeError` for bfloat16, which the Node binding
 * has no name for.
 */
export function ortTensor({ type, shape, data }: Omit<Tensor, 'name'>): OrtTensor {
  if (type === 'bfloat16') throw new TypeError('ONNX Runtime for Node has no bfloat16.');
  // A copy starts at 0, so it is aligned for every type.
  const buffer = data.slice().buffer;
  if (type !== 'float16') return new OrtTensor(type, elements(type, buffer), [...shape]);
  // The native part does not know Float16Array, which the JavaScript part insists on where the engine has one.
  const bits = new Uint16Array(buffer);
  return Object.defineProperty(new OrtTensor('float16', bits, [...shape]), 'data', { value: bits });
}

function elements(type: Exclude<RunnableType, 'float16'>, buffer: ArrayBuffer) {
  switch (type) {
    case 'float32':
      return new Float32Array(buffer);
    case 'float64':
      return new Float64Array(buffer);
    case 'int64':
      return new BigInt64Array(buffer);
    case 'uint64':
      return new BigUint64Array(buffer);
    case 'int32':
      return new Int32Array(buffer);
    case 'uint32':
      return new Uint32Array(buffer);
    case 'int16':
      return new Int16Array(buffer);
    case 'uint16':
      return new Uint16Array(buffer);
    case 'int8':
      return new Int8Array(buffer);
    case 'uint8':
    case 'bool':
      return new Uint8Array(buffer);
  }
}

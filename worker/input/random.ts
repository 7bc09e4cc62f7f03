import { type ElementType, elementCount, type Tensor } from '../tensor.ts';
import { weightGenerator } from '../zoo/random/generator.ts';
import type { ModelInput } from './spec.ts';

/** Mean 0 and variance 1, as a normalised image. */
const bound = Math.sqrt(3);

/**
 * `count` samples for a model, the same on every machine for a seed (its lower 32 bits): numbers of mean 0 and variance
 * 1, and 0 or 1 where the model takes integers or booleans, which every vocabulary and mask has.
 */
export function randomSamples(
  inputs: readonly ModelInput[],
  seed: number,
  count: number,
): readonly (readonly Tensor[])[] {
  const generator = weightGenerator(seed);
  return Array.from({ length: count }, () =>
    inputs.map((input) => {
      const shape = input.shape.map((size) => (typeof size === 'number' ? size : 1));
      const values = new Float32Array(elementCount(shape));
      generator.fill(values, bound);
      return { name: input.name, type: input.type, shape, data: convert(values, input.type) };
    }),
  );
}

function convert(values: Float32Array<ArrayBuffer>, type: ElementType): Uint8Array {
  const bits = () => values.map((value) => (value < 0 ? 0 : 1));
  switch (type) {
    case 'float32':
      return bytesOf(values);
    case 'float64':
      return bytesOf(Float64Array.from(values));
    case 'float16':
      return bytesOf(Float16Array.from(values));
    case 'bfloat16':
      return bytesOf(Uint16Array.from(new Uint32Array(values.buffer), (word) => word >>> 16));
    case 'int64':
    case 'uint64':
      return bytesOf(BigUint64Array.from(bits(), BigInt));
    case 'int32':
    case 'uint32':
      return bytesOf(Uint32Array.from(bits()));
    case 'int16':
    case 'uint16':
      return bytesOf(Uint16Array.from(bits()));
    default:
      return Uint8Array.from(bits());
  }
}

function bytesOf(elements: ArrayBufferView<ArrayBuffer>): Uint8Array {
  return new Uint8Array(elements.buffer);
}

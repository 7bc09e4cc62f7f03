import { elementBytes, elementCount, type Tensor } from '../tensor.ts';
import type { ConcreteInput } from './dimensions.ts';

/** An input made up for a run: seeded numbers in [0, 1) for floats, ones for integers and truth values. */
export function madeUp({ name, type, shape }: ConcreteInput): Tensor {
  const count = elementCount(shape);
  return { name, type, shape, data: new Uint8Array(buffer(type, count)) };
}

function buffer(type: ConcreteInput['type'], count: number): ArrayBuffer {
  const next = seededNumbers();
  if (type === 'float32') return Float32Array.from({ length: count }, next).buffer;
  if (type === 'float64') return Float64Array.from({ length: count }, next).buffer;
  if (type === 'float16') return Float16Array.from({ length: count }, next).buffer;
  // Little-endian ones: the first byte of each element.
  const size = elementBytes[type];
  return Uint8Array.from({ length: count * size }, (_, index) => (index % size === 0 ? 1 : 0)).buffer;
}

/** Numbers that are the same on every machine (the 32-bit generator of Numerical Recipes, Press et al.). */
function seededNumbers(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

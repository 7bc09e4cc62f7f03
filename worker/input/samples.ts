import { elementBytes, elementCount, type Tensor } from '../tensor.ts';
import { InputMismatchError } from './errors.ts';
import { limits } from './limits.ts';
import type { NpyArray } from './npy.ts';
import type { ModelInput } from './spec.ts';

/**
 * Takes arrays apart along their first axis: sample i is row i of the array of each model input, as a batch of one.
 * `source` names the file. Throws InputMismatchError where arrays and inputs do not agree.
 */
export function samplesOf(
  source: string,
  arrays: ReadonlyMap<string, NpyArray>,
  inputs: readonly ModelInput[],
): readonly (readonly Tensor[])[] {
  const named = inputs.map((input) => ({ input, array: arrayFor(source, arrays, input) }));
  const counts = new Set(named.map(({ array }) => array.shape[0] ?? 0));
  const [count = 0] = counts;
  if (counts.size > 1 || count < 1 || count > limits.items) {
    const problem = `the arrays hold ${[...counts].join(' and ')} samples`;
    throw new InputMismatchError(source, problem, `their first axes must agree, from 1 to ${limits.items}`);
  }
  return Array.from({ length: count }, (_, index) => named.map(({ input, array }) => row(input.name, array, index)));
}

function arrayFor(source: string, arrays: ReadonlyMap<string, NpyArray>, input: ModelInput): NpyArray {
  const array = arrays.get(input.name);
  const wanted = `${input.type} [samples, ${input.shape.slice(1).join(', ')}]`;
  if (array === undefined) {
    const problem = `no array for the model's input '${input.name}' (found ${[...arrays.keys()].join(', ')})`;
    throw new InputMismatchError(source, problem, `add one of ${wanted}`);
  }
  const fits =
    array.type === input.type &&
    array.shape.length === input.shape.length &&
    array.shape.length > 0 &&
    input.shape.every((size, axis) => axis === 0 || typeof size !== 'number' || size === array.shape[axis]);
  if (fits) return array;
  throw new InputMismatchError(
    source,
    `the array '${input.name}' is ${array.type} [${array.shape.join(', ')}]`,
    `the model takes ${wanted}`,
  );
}

function row(name: string, array: NpyArray, index: number): Tensor {
  const shape = [1, ...array.shape.slice(1)];
  const bytes = elementCount(shape) * elementBytes[array.type];
  return { name, type: array.type, shape, data: array.data.subarray(index * bytes, (index + 1) * bytes) };
}

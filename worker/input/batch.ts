import type { Tensor } from '../tensor.ts';
import { InputMismatchError } from './errors.ts';

/** The indices of `size` items from `start` on, going round after the last of `count`. */
export function batchIndices(start: number, size: number, count: number): readonly number[] {
  return Array.from({ length: size }, (_, offset) => (start + offset) % count);
}

/**
 * Joins samples along the first axis: of each model input the tensors of all samples, which agree in name, type and the
 * other axes. One sample is returned as it is. Throws InputMismatchError for tensors that do not agree.
 */
export function stack(samples: readonly (readonly Tensor[])[]): readonly Tensor[] {
  const [first = [], ...others] = samples;
  if (others.length === 0) return first;
  return first.map((tensor, index) => stackTensors(samples.map((sample) => agreeing(tensor, sample[index]))));
}

function stackTensors(tensors: readonly Tensor[]): Tensor {
  const [first, ...others] = tensors as readonly [Tensor, ...Tensor[]];
  const rows = tensors.reduce((sum, { shape }) => sum + (shape[0] ?? 0), 0);
  const data = new Uint8Array(tensors.reduce((sum, tensor) => sum + tensor.data.length, 0));
  let offset = 0;
  for (const tensor of [first, ...others]) {
    data.set(tensor.data, offset);
    offset += tensor.data.length;
  }
  return { ...first, shape: [rows, ...first.shape.slice(1)], data };
}

function agreeing(first: Tensor, tensor: Tensor | undefined): Tensor {
  const signature = ({ name, type, shape }: Tensor) => `${name} ${type} [*, ${shape.slice(1).join(', ')}]`;
  if (tensor !== undefined && first.shape.length > 0 && signature(tensor) === signature(first)) return tensor;
  const found = tensor === undefined ? 'nothing' : signature(tensor);
  throw new InputMismatchError(
    `input '${first.name}'`,
    `${found} cannot be joined with ${signature(first)} into a batch`,
    'use batchSizes: [1]',
  );
}

import { InputMismatchError } from './errors.ts';
import type { DimensionSize, ModelInput } from './spec.ts';

/**
 * The model's inputs with the sizes that the manifest gives to free dimensions filled in; others stay free. Throws
 * InputMismatchError for a name that no input has.
 */
export function fillDimensions(
  inputs: readonly ModelInput[],
  dimensions: readonly DimensionSize[] = [],
): readonly ModelInput[] {
  const sizes = new Map(dimensions.map(({ name, size }) => [name, size]));
  const free = new Set(inputs.flatMap(({ shape }) => shape.filter((size) => typeof size === 'string')));
  for (const name of sizes.keys()) {
    if (free.has(name)) continue;
    const known = [...free].join(', ') || 'none';
    throw new InputMismatchError('input.dimensions', `the model has no free dimension '${name}'`, `it has: ${known}`);
  }
  return inputs.map((input) => ({
    ...input,
    shape: input.shape.map((size) => (typeof size === 'string' ? (sizes.get(size) ?? size) : size)),
  }));
}

/** The shape of one sample: what is still free (the batch among it) is 1. */
export function sampleShape(input: ModelInput): readonly number[] {
  return input.shape.map((size) => (typeof size === 'number' ? size : 1));
}

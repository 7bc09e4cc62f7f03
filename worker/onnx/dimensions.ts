import { leastDifferent } from '../../api/nearest.ts';
import type { ElementType } from '../tensor.ts';
import { OnnxError } from './errors.ts';
import type { Value } from './model.ts';
import { elementTypeOf } from './types.ts';

export interface DimensionOptions {
  /** Size of the first dimension of every input that leaves it free; 1 if absent. */
  readonly batchSize?: number;
  /** Sizes of other free dimensions by their symbol; those not named are 1. */
  readonly dimensions?: Readonly<Record<string, number>>;
}

/** Element types that ONNX Runtime's Node binding can take and give. */
export type RunnableType = Exclude<ElementType, 'bfloat16'>;

export interface ConcreteInput {
  readonly name: string;
  readonly type: RunnableType;
  readonly shape: readonly number[];
}

export interface ConcreteInputs {
  readonly inputs: readonly ConcreteInput[];
  /** Free dimensions that nothing names, which are 1: their symbols, or input and position. */
  readonly assumed: readonly string[];
}

/**
 * Gives every free dimension of a model's inputs a size. A symbol that stands first in one input is the batch wherever
 * it stands, unless `dimensions` names it.
 * Throws `Dimensions` for a name the model lacks or a batch size it does not allow, `Unsupported` for an input that is
 * no numeric tensor or has no stated rank.
 */
export function concreteInputs(inputs: readonly Value[], options: DimensionOptions): ConcreteInputs {
  const batchSize = options.batchSize ?? 1;
  const sizes = new Map(Object.entries(options.dimensions ?? {}));
  const symbols = new Set(inputs.flatMap(({ shape }) => (shape ?? []).filter((size) => typeof size === 'string')));
  for (const name of sizes.keys()) {
    if (symbols.has(name)) continue;
    const known = symbols.size === 0 ? 'none' : leastDifferent(name, symbols).join(', ');
    throw new OnnxError('Dimensions', `The model has no free dimension "${name}"; it has: ${known}.`);
  }
  let batchIsFree = batchSize === 1;
  for (const { shape } of inputs) {
    const first = shape?.[0];
    if (typeof first === 'string' && !sizes.has(first)) sizes.set(first, batchSize);
    if (first === null || (typeof first === 'string' && sizes.get(first) === batchSize)) batchIsFree = true;
    if (first === batchSize) batchIsFree = true;
  }
  if (!batchIsFree) {
    const fixed = inputs.map(({ name, shape }) => `${name} [${shape?.join(', ')}]`).join('; ');
    throw new OnnxError(
      'Dimensions',
      `The model fixes its batch size, so ${batchSize} is not possible (inputs ${fixed}): export it with a free first dimension.`,
    );
  }
  const assumed = new Set<string>();
  const concrete = inputs.map(({ name, code, shape }) => {
    const type = code === undefined ? undefined : elementTypeOf(code);
    if (type === undefined || type === 'bfloat16') {
      throw new OnnxError(
        'Unsupported',
        `The input "${name}" is no tensor of a type that ONNX Runtime's Node binding can take (strings, sequences, optionals and bfloat16 are not).`,
      );
    }
    if (shape === undefined) {
      throw new OnnxError(
        'Unsupported',
        `The input "${name}" does not state its dimensions: export the model with them.`,
      );
    }
    const sizeOf = (size: number | string | null, index: number): number => {
      if (typeof size === 'number') return size;
      if (size === null && index === 0) return batchSize;
      const given = size === null ? undefined : sizes.get(size);
      if (given === undefined) assumed.add(size ?? `${name}[${index}]`);
      return given ?? 1;
    };
    return { name, type, shape: shape.map(sizeOf) };
  });
  return { inputs: concrete, assumed: [...assumed] };
}

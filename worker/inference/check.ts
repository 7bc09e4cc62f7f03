import { elementBytes, type Tensor } from '../tensor.ts';
import { elementsOf, isRuntimeType } from './elements.ts';
import { OutputMismatchError } from './errors.ts';

/** How one output differs from its reference. */
export interface OutputDifference {
  readonly name: string;
  /** Whether every element lies within the tolerance. */
  readonly withinTolerance: boolean;
  /** Largest |actual - reference| over pairs of finite elements; null where there is no such pair. */
  readonly maxAbsoluteDifference: number | null;
  /** Pairs of which only one is finite, or that are different infinities. They are never within the tolerance. */
  readonly nonFiniteMismatches: number;
  /** 10 log10(sum reference^2 / sum difference^2) over finite pairs; null without a difference or without a signal. */
  readonly snrDecibel: number | null;
}

export interface OutputComparison {
  readonly withinTolerance: boolean;
  /** The largest of the outputs; null where no output has one. */
  readonly maxAbsoluteDifference: number | null;
  /** The smallest of the outputs; null where no output has one. */
  readonly snrDecibel: number | null;
  readonly perOutput: readonly OutputDifference[];
}

/**
 * Compares outputs with their references, found by name. A real output is within the tolerance where
 * `|actual - reference| <= outputDifference * max(1, max |reference|)`, the maximum over the output's finite elements;
 * an integer or boolean one where all elements are equal. NaN equals NaN, an infinity equals itself.
 * Throws `OutputMismatchError` where names, types or shapes differ.
 */
export function compareOutputs(
  actual: readonly Tensor[],
  reference: readonly Tensor[],
  outputDifference: number,
): OutputComparison {
  if (actual.length !== reference.length) {
    throw new OutputMismatchError(`${actual.length} outputs cannot be compared with ${reference.length} references`);
  }
  const perOutput = reference.map((expected) => {
    const found = actual.find(({ name }) => name === expected.name);
    if (!found) throw new OutputMismatchError(`output "${expected.name}" is missing`);
    return compareOutput(found, expected, outputDifference);
  });
  const present = (values: readonly (number | null)[]) => values.filter((value) => value !== null);
  const differences = present(perOutput.map(({ maxAbsoluteDifference }) => maxAbsoluteDifference));
  const ratios = present(perOutput.map(({ snrDecibel }) => snrDecibel));
  return {
    withinTolerance: perOutput.every(({ withinTolerance }) => withinTolerance),
    maxAbsoluteDifference: differences.length > 0 ? Math.max(...differences) : null,
    snrDecibel: ratios.length > 0 ? Math.min(...ratios) : null,
    perOutput,
  };
}

function compareOutput(actual: Tensor, reference: Tensor, outputDifference: number): OutputDifference {
  const form = ({ type, shape }: Tensor) => `${type} [${shape.join(', ')}]`;
  if (form(actual) !== form(reference)) {
    throw new OutputMismatchError(`output "${reference.name}" is ${form(actual)}, its reference ${form(reference)}`);
  }
  const given = numbersOf(actual);
  const expected = numbersOf(reference);
  let finitePairs = 0;
  let nonFiniteMismatches = 0;
  let largestDifference = 0;
  let largestReference = 0;
  let signal = 0;
  let noise = 0;
  for (let index = 0; index < expected.length; index++) {
    const a = given[index] as number;
    const b = expected[index] as number;
    if (!Number.isFinite(a) || !Number.isFinite(b)) {
      if (!Object.is(a, b)) nonFiniteMismatches++;
      if (Number.isFinite(b)) largestReference = Math.max(largestReference, Math.abs(b));
      continue;
    }
    const difference = a - b;
    finitePairs++;
    largestDifference = Math.max(largestDifference, Math.abs(difference));
    largestReference = Math.max(largestReference, Math.abs(b));
    signal += b * b;
    noise += difference * difference;
  }
  const isReal = actual.type.includes('float');
  const equal = nonFiniteMismatches === 0 && (isReal || sameBytes(actual.data, reference.data));
  const allowed = isReal ? outputDifference * Math.max(1, largestReference) : Number.POSITIVE_INFINITY;
  return {
    name: reference.name,
    withinTolerance: equal && largestDifference <= allowed,
    maxAbsoluteDifference: finitePairs > 0 ? largestDifference : null,
    nonFiniteMismatches,
    snrDecibel: signal > 0 && noise > 0 ? 10 * Math.log10(signal / noise) : null,
  };
}

/** Elements as numbers; 64-bit integers lose what a double cannot hold, which their equality does not rest on. */
export function numbersOf({ name, type, data }: Tensor): ArrayLike<number> {
  // Outputs of a lossy codec may lie at any offset.
  const aligned = data.byteOffset % elementBytes[type] === 0 ? data : new Uint8Array(data);
  if (!isRuntimeType(type))
    throw new OutputMismatchError(`output "${name}" is of type ${type}: it has no numbers here`);
  const elements = elementsOf(type, aligned);
  if (elements instanceof BigInt64Array || elements instanceof BigUint64Array) {
    return Float64Array.from(elements, Number);
  }
  return elements;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

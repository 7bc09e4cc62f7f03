import type { Spec } from '../api/manifest/spec.ts';
import { PlanTooLarge } from '../api/plan/errors.ts';
import { FatalError } from './fatal.ts';
import { InputFileError, InputMismatchError } from './input/errors.ts';
import { OnnxError } from './onnx/errors.ts';

/**
 * What is wrong with a manifest and shows only when model and inputs are fetched and read, led by the manifest's field;
 * null for an error that no other manifest would avoid. `batchSize` is the one that the model was planned for.
 */
export function mistakeOf(error: unknown, spec: Spec, batchSize = 1): FatalError | null {
  const fatal = (code: FatalError['code'], message: string) => new FatalError(code, message, { cause: error });
  if (error instanceof FatalError) return error;
  if (error instanceof OnnxError)
    return fatal(codeOf(error, batchSize), `${fieldOf(error, spec, batchSize)}: ${error.message}`);
  if (error instanceof InputFileError) {
    return fatal('InputInvalid', `spec.input.${memberOf(spec.input, sources)}: ${error.message}`);
  }
  if (error instanceof InputMismatchError) {
    const led = /^input[.:]/.test(error.message) ? `spec.${error.message}` : `spec.input: ${error.message}`;
    return fatal('InputInvalid', led);
  }
  return error instanceof PlanTooLarge ? fatal('PlanTooLarge', error.message) : null;
}

function codeOf({ code }: OnnxError, batchSize: number): FatalError['code'] {
  if (code === 'Unsupported') return 'Unsupported';
  return code === 'Dimensions' && batchSize === 1 ? 'InputInvalid' : 'ModelInvalid';
}

function fieldOf({ code }: OnnxError, spec: Spec, batchSize: number): string {
  if (code === 'UnknownLayer' || code === 'NoCut')
    return spec.cuts.selection === 'Named' ? 'spec.cuts.layers' : 'spec.cuts';
  if (code === 'Dimensions') return batchSize === 1 ? 'spec.input.dimensions' : 'spec.batchSizes';
  return `spec.model.${memberOf(spec.model, models)}`;
}

const models = ['zoo', 'http', 'file', 'persistentVolumeClaim', 'image'] as const;
const sources = ['http', 'file', 'persistentVolumeClaim', 'sample'] as const;

function memberOf<Member extends string>(
  source: Readonly<{ [Name in Member]?: unknown }>,
  members: readonly Member[],
): Member | undefined {
  return members.find((member) => source[member] !== undefined);
}

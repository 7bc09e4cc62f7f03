import type { Spec } from '../../api/manifest/spec.ts';
import { PlanTooLarge } from '../../api/plan/errors.ts';
import { FatalError } from '../../worker/fatal.ts';
import { InputFileError, InputMismatchError } from '../../worker/input/errors.ts';
import { OnnxError } from '../../worker/onnx/errors.ts';

/**
 * What a user did wrong that shows only when model and inputs are read, led by the manifest's field; null for an error
 * that no other manifest would avoid. `batchSize` is the one that the model was planned for.
 */
export function describeMistake(error: unknown, spec: Spec, batchSize = 1): string | null {
  if (error instanceof OnnxError) return `${fieldOf(error, spec, batchSize)}: ${error.message}`;
  if (error instanceof InputFileError) return `spec.input.${memberOf(spec.input, sources)}: ${error.message}`;
  if (error instanceof InputMismatchError) {
    return /^input[.:]/.test(error.message) ? `spec.${error.message}` : `spec.input: ${error.message}`;
  }
  // These name their field themselves.
  return error instanceof PlanTooLarge || error instanceof FatalError ? error.message : null;
}

function fieldOf({ code }: OnnxError, spec: Spec, batchSize: number): string {
  if (code === 'UnknownLayer' || code === 'NoCut')
    return spec.cuts.selection === 'Named' ? 'spec.cuts.layers' : 'spec.cuts';
  if (code === 'Dimensions') return batchSize === 1 ? 'spec.input.dimensions' : 'spec.batchSizes';
  return `spec.model.${memberOf(spec.model, models)}`;
}

const models = ['zoo', 'file', 'persistentVolumeClaim'] as const;
const sources = ['file', 'persistentVolumeClaim', 'sample'] as const;

function memberOf<Member extends string>(
  source: Readonly<Partial<Record<Member, unknown>>>,
  members: readonly Member[],
): Member | undefined {
  return members.find((member) => source[member] !== undefined);
}

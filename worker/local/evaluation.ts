import { z } from 'zod';
import { canonicalJson } from '../../api/canonical.ts';
import { sha256, type Trial } from '../../api/plan/trial.ts';
import { type Output, outputSchema } from '../../api/record/record.ts';
import { compareOutputs, type OutputComparison } from '../inference/check.ts';
import { countAgreement, countCorrect } from '../inference/classify.ts';
import type { Inputs } from '../input/inputs.ts';
import type { LabelReader } from '../labels.ts';
import type { Tensor } from '../tensor.ts';

/** What the evaluation pass found for one cut and codec; stored, so that a resumed run does not repeat it. */
export const evaluationSchema = z.strictObject({
  /** The largest difference that dividing the model makes by itself; null for baselines, which divide nothing. */
  exactness: z.strictObject({ withinTolerance: z.boolean(), maxAbsoluteDifference: z.number().nullable() }).nullable(),
  output: outputSchema,
});
export type Evaluation = z.infer<typeof evaluationSchema>;

/** What an evaluation depends on: cut and codec, but neither link nor batch size. */
export function evaluationKey({ cut, codec }: Pick<Trial, 'cut' | 'codec'>, inputsDigest: string): string {
  const tensors = cut.tensors.map(({ name }) => name).sort();
  return sha256(canonicalJson({ kind: cut.kind, tensors, codec, inputsDigest })).slice(0, 16);
}

export interface EvaluationContext {
  readonly inputs: Inputs;
  readonly classNames: readonly string[] | null;
  readonly labels: LabelReader;
  /** Random weights answer nothing: neither labels nor agreement nor accuracy is claimed for them. */
  readonly weights: 'Trained' | 'Random' | 'Unknown';
  /** Outputs of the undivided model, one list of tensors an input. */
  readonly references: readonly (readonly Tensor[])[];
}

/** Compares the outputs of all inputs with those of the undivided model and, where they are known, the true labels. */
export function evaluate(context: EvaluationContext, outputs: readonly (readonly Tensor[])[]): Output {
  const { references, labels, weights } = context;
  const comparisons = outputs.map((tensors, index) => compareOutputs(tensors, references[index] ?? [], 0));
  const claims = labels.decode === 'Classification' && weights !== 'Random';
  return {
    evaluated: outputs.length,
    top: claims ? [...(labels.read(outputs[0] ?? [])?.[0] ?? [])] : null,
    agreement: claims ? agreementOf(outputs, references) : null,
    accuracy: claims ? accuracyOf(context, outputs) : null,
    ...worst(comparisons),
    perOutput: (comparisons[0]?.perOutput ?? []).map(({ name }) => ({
      name,
      ...worst(comparisons.map(({ perOutput }) => perOutput.find((output) => output.name === name))),
    })),
  };
}

type Difference = Pick<OutputComparison, 'maxAbsoluteDifference' | 'snrDecibel'>;

/** The largest difference and the smallest signal-to-noise ratio; null where no input has one. */
function worst(differences: readonly (Difference | undefined)[]): Difference {
  const present = <K extends keyof Difference>(key: K) =>
    differences.map((difference) => difference?.[key] ?? null).filter((value) => value !== null);
  const largest = present('maxAbsoluteDifference');
  const smallest = present('snrDecibel');
  return {
    maxAbsoluteDifference: largest.length > 0 ? Math.max(...largest) : null,
    snrDecibel: smallest.length > 0 ? Math.min(...smallest) : null,
  };
}

function agreementOf(outputs: EvaluationContext['references'], references: EvaluationContext['references']) {
  const counts = outputs.map(([scores], index) => {
    const reference = references[index]?.[0];
    return scores && reference ? countAgreement(scores, reference) : { rows: 0, matching: 0 };
  });
  return share(counts);
}

function accuracyOf({ inputs, classNames }: EvaluationContext, outputs: EvaluationContext['references']) {
  const counts = outputs.map(([scores], index) => {
    const label = inputs.items[index]?.label;
    const expected = label === undefined ? -1 : classNumber(label, classNames);
    return scores && expected >= 0 ? countCorrect(scores, [expected]) : { rows: 0, matching: 0 };
  });
  return share(counts);
}

/** Without names a label is the number of its class. */
function classNumber(label: string, classNames: readonly string[] | null): number {
  if (classNames) return classNames.indexOf(label);
  return /^\d{1,9}$/.test(label) ? Number(label) : -1;
}

function share(counts: readonly { readonly rows: number; readonly matching: number }[]): number | null {
  const rows = counts.reduce((sum, count) => sum + count.rows, 0);
  return rows === 0 ? null : counts.reduce((sum, count) => sum + count.matching, 0) / rows;
}

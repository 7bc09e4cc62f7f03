import type { Output } from '../api/manifest/output.ts';
import { type Classification, classifyRows } from './inference/classify.ts';
import type { Tensor } from './tensor.ts';

/** Turns the output tensors of one inference into labels. */
export interface LabelReader {
  readonly decode: 'Classification' | 'None';
  /** The likeliest labels of each row of the first output; null where the manifest wants none. */
  read(outputs: readonly Tensor[]): readonly (readonly Classification[])[] | null;
}

/** `classNames` name the classes; without them they are numbered. */
export function labelReader(
  output: Pick<Output, 'decode' | 'topK'>,
  classNames: readonly string[] | null,
): LabelReader {
  const decode = output.decode ?? 'None';
  return {
    decode,
    read(outputs) {
      const [scores] = outputs;
      if (decode === 'None' || !scores) return null;
      return classifyRows(scores, classNames, output.topK);
    },
  };
}

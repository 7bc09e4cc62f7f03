import { createHash } from 'node:crypto';
import type { Tensor } from '../tensor.ts';
import { preprocessImage } from './image.ts';
import type { PreprocessPlan } from './preprocess.ts';

/** One image. `read` gives the original file's bytes, read anew each time, as a sender of them has to. */
export interface ImageItem {
  readonly name: string;
  /** The true class, where it is known. */
  readonly label: string | undefined;
  readonly read: () => Promise<Uint8Array>;
}

/** One sample that needs no preprocessing: a tensor for each model input, its first axis being the batch. */
export interface TensorItem {
  readonly name: string;
  readonly label: string | undefined;
  readonly tensors: readonly Tensor[];
}

/** What a model is fed with; `digest` is the SHA-256 (hex) of names, labels and contents, see `digestItem`. */
export type Inputs =
  | {
      readonly kind: 'Images';
      readonly items: readonly ImageItem[];
      readonly preprocess: PreprocessPlan;
      readonly digest: string;
    }
  | { readonly kind: 'Tensors'; readonly items: readonly TensorItem[]; readonly digest: string };

/** The tensors of the item at `index`: an image is read, decoded and normalised. */
export async function inputTensors(inputs: Inputs, index: number): Promise<readonly Tensor[]> {
  if (inputs.kind === 'Tensors') return itemAt(inputs.items, index).tensors;
  const item = itemAt(inputs.items, index);
  return [await preprocessImage(item.name, await item.read(), inputs.preprocess)];
}

/** SHA-256 over all items in order: of each a line of JSON with what it is called, then its bytes. */
export async function digestOf(items: readonly (ImageItem | TensorItem)[]): Promise<string> {
  const hash = createHash('sha256');
  const part = (description: object, bytes: Uint8Array) => {
    hash.update(`${JSON.stringify({ ...description, bytes: bytes.length })}\n`).update(bytes);
  };
  for (const item of items) {
    const { name, label = null } = item;
    if ('read' in item) part({ name, label }, await item.read());
    else for (const { data, ...tensor } of item.tensors) part({ name, label, tensor }, data);
  }
  return hash.digest('hex');
}

function itemAt<T>(items: readonly T[], index: number): T {
  const item = items[index];
  if (item === undefined) throw new RangeError(`there is no input ${index} of ${items.length}`);
  return item;
}

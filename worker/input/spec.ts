import type { ElementType } from '../tensor.ts';

/** The manifest's `input`: at most one source; `file` is a path that the manifest's folder is the start of. */
export interface InputSpec {
  readonly sample?: SampleName;
  readonly random?: { readonly seed: number };
  readonly file?: string;
  /** A csv file inside the source with the columns file and label. */
  readonly labels?: string;
  /** Sizes of the model's free dimensions other than the batch; one that is not named is 1. */
  readonly dimensions?: readonly DimensionSize[];
  readonly preprocess?: Preprocess;
}

export type SampleName = 'Cat' | 'Photos' | 'Digits';

export interface DimensionSize {
  readonly name: string;
  readonly size: number;
}

/** How an image becomes a tensor. */
export interface Preprocess {
  readonly type: 'Imagenet' | 'Caffe' | 'None' | 'Custom';
  readonly custom?: CustomPreprocess;
}

/** Each channel of a pixel (0 to 255) becomes (pixel x scale - mean) / std; numbers are decimal strings. */
export interface CustomPreprocess {
  /** Pixels: of the short side before the crop with Shortest, of both sides otherwise; absent: what the model takes. */
  readonly size?: number;
  readonly resize?: 'Shortest' | 'Stretch' | 'Letterbox';
  readonly channelOrder?: 'RGB' | 'BGR';
  readonly scale?: string;
  /** One for each channel in the model's order, or one for all. */
  readonly mean?: readonly string[];
  readonly std?: readonly string[];
  /** Absent: told from the shape of the model's input. */
  readonly layout?: 'NCHW' | 'NHWC';
}

/** One input of a model; a dimension is a size, the name of a free one, or (null) free without a name. */
export interface ModelInput {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly (number | string | null)[];
}

import type { ElementType } from '../tensor.ts';

/** The manifest's `input`: at most one source; `file` is a path that the manifest's folder is the start of. */
export interface InputSpec {
  readonly sample?: SampleName | undefined;
  readonly random?: { readonly seed: number } | undefined;
  readonly file?: string | undefined;
  /** A csv file inside the source with the columns file and label. */
  readonly labels?: string | undefined;
  readonly preprocess?: Preprocess | undefined;
}

export type SampleName = 'Cat' | 'Photos' | 'Digits';

/** How an image becomes a tensor. */
export interface Preprocess {
  readonly type: 'Imagenet' | 'Caffe' | 'None' | 'Custom';
  readonly custom?: CustomPreprocess | undefined;
}

/** Each channel of a pixel (0 to 255) becomes (pixel x scale - mean) / std; numbers are decimal strings. */
export interface CustomPreprocess {
  /** Pixels the image is brought to; from more than the model takes (Shortest only) the middle is cut. Absent: its size. */
  readonly size?: Size | undefined;
  readonly resize?: 'Shortest' | 'Stretch' | 'Letterbox' | undefined;
  readonly channelOrder?: 'RGB' | 'BGR' | undefined;
  readonly scale?: string | undefined;
  /** One for each channel in the model's order, or the same for all. */
  readonly mean?: readonly string[] | undefined;
  readonly std?: readonly string[] | undefined;
  /** Absent: told from the shape of the model's input. */
  readonly layout?: 'NCHW' | 'NHWC' | undefined;
}

/** Pixels. */
export interface Size {
  readonly height: number;
  readonly width: number;
}

/** One input of a model; a dimension is a size, the name of a free one, or (null) free without a name. */
export interface ModelInput {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly (number | string | null)[];
}

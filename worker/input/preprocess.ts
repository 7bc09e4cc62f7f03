import type { ElementType } from '../tensor.ts';
import { InputMismatchError } from './errors.ts';
import type { CustomPreprocess, ModelInput, Preprocess, Size } from './spec.ts';

/** How an image file becomes the tensor of one model input; plain data, so that either side can carry it out. */
export interface PreprocessPlan {
  readonly input: string;
  readonly type: ElementType;
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly layout: 'NCHW' | 'NHWC';
  readonly resize: Resize;
  readonly channelOrder: 'RGB' | 'BGR';
  /** (pixel x scale - mean) / std; one mean and one std for each channel in the model's order. */
  readonly scale: number;
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** Shortest: scale until the image covers a box (pixels), then crop the centre. Letterbox: fit in and fill with grey. */
export type Resize =
  | { readonly mode: 'Shortest'; readonly coverWidth: number; readonly coverHeight: number }
  | { readonly mode: 'Stretch' | 'Letterbox' };

/** Where the model does not say how large its images are. */
const usualSide = 224;
/** How much longer than the crop the short side is for Imagenet. */
const imagenetMargin = 256 / 224;
const elementTypes: readonly ElementType[] = ['float32', 'float16', 'uint8'];

const presets: Readonly<Record<Exclude<Preprocess['type'], 'Custom'>, CustomPreprocess>> = {
  // Torchvision's, on which most classifiers were trained.
  Imagenet: {
    resize: 'Shortest',
    scale: `${1 / 255}`,
    mean: ['0.485', '0.456', '0.406'],
    std: ['0.229', '0.224', '0.225'],
  },
  // keras.applications.imagenet_utils.preprocess_input(mode='caffe').
  Caffe: { resize: 'Stretch', channelOrder: 'BGR', mean: ['103.939', '116.779', '123.68'] },
  None: { resize: 'Stretch' },
};

/**
 * Decides how images are fed to a model: the size from the model's input where it says one, the rest from the manifest.
 * `inputs` have the manifest's dimensions filled in. Throws InputMismatchError where no image fits.
 */
export function preprocessPlan(preprocess: Preprocess, inputs: readonly ModelInput[]): PreprocessPlan {
  const [input, second] = inputs;
  if (input === undefined || second !== undefined || input.shape.length !== 4) {
    const found = inputs.map(({ name, shape }) => `${name} [${shape.join(', ')}]`).join(', ');
    const problem = `images need a model with one input of four dimensions, found ${found || 'none'}`;
    throw new InputMismatchError('input', problem, 'give a .npz file with arrays named as the inputs');
  }
  if (!elementTypes.includes(input.type)) {
    const problem = `images become ${elementTypes.join(', ')}, the model takes ${input.type}`;
    throw new InputMismatchError(`input '${input.name}'`, problem, 'give a .npy file');
  }
  const custom = preprocess.type === 'Custom' ? (preprocess.custom ?? {}) : presets[preprocess.type];
  const layout = custom.layout ?? layoutOf(input);
  const channels = channelsOf(input, layout);
  if (channels === 1 && (preprocess.type === 'Imagenet' || preprocess.type === 'Caffe')) {
    const problem = `${preprocess.type} is for three channels, the model takes one (grey)`;
    throw new InputMismatchError(
      'input.preprocess',
      problem,
      "use type: Custom, for example with scale: '0.00392156862745'",
    );
  }
  const size = sizeOf(input, layout, custom.size);
  return {
    input: input.name,
    type: input.type,
    ...size,
    channels,
    layout,
    resize: resizeOf(custom, size, preprocess.type === 'Imagenet' ? imagenetMargin : 1),
    channelOrder: custom.channelOrder ?? 'RGB',
    scale: decimal('scale', custom.scale ?? '1'),
    mean: perChannel('mean', custom.mean ?? ['0'], channels),
    std: perChannel('std', custom.std ?? ['1'], channels),
  };
}

function layoutOf({ shape }: ModelInput): 'NCHW' | 'NHWC' {
  const isChannels = (size: unknown) => size === 1 || size === 3;
  return !isChannels(shape[1]) && isChannels(shape[3]) ? 'NHWC' : 'NCHW';
}

function channelsOf({ name, shape }: ModelInput, layout: 'NCHW' | 'NHWC'): 1 | 3 {
  const channels = shape[layout === 'NCHW' ? 1 : 3];
  if (channels === 1 || channels === 3) return channels;
  if (typeof channels !== 'number') return 3;
  const problem = `an image has 3 channels (or 1, grey), the model takes ${channels} with layout ${layout}`;
  throw new InputMismatchError(`input '${name}'`, problem, 'check preprocess.custom.layout or give a .npy file');
}

function sizeOf({ name, shape }: ModelInput, layout: 'NCHW' | 'NHWC', given: Size | undefined): Size {
  const [rows, columns] = layout === 'NCHW' ? [shape[2], shape[3]] : [shape[1], shape[2]];
  const height = typeof rows === 'number' ? rows : (given?.height ?? usualSide);
  const width = typeof columns === 'number' ? columns : (given?.width ?? usualSide);
  if (height > 0 && width > 0) return { height, width };
  throw new InputMismatchError(`input '${name}'`, `no image has the shape [${shape.join(', ')}]`, 'give a .npy file');
}

function resizeOf({ resize: mode = 'Shortest', size }: CustomPreprocess, model: Size, margin: number): Resize {
  const cover = size ?? { height: Math.round(model.height * margin), width: Math.round(model.width * margin) };
  const fits =
    mode === 'Shortest'
      ? cover.height >= model.height && cover.width >= model.width
      : cover.height === model.height && cover.width === model.width;
  if (!fits) {
    const problem = `${cover.height} x ${cover.width} does not give the ${model.height} x ${model.width} of the model`;
    throw new InputMismatchError('input.preprocess.custom.size', problem, 'leave size out');
  }
  return mode === 'Shortest' ? { mode, coverHeight: cover.height, coverWidth: cover.width } : { mode };
}

function perChannel(field: 'mean' | 'std', values: readonly string[], channels: number): readonly number[] {
  const numbers = values.map((value) => decimal(field, value));
  const [first] = numbers;
  if (first !== undefined && numbers.every((value) => value === first)) {
    return Array.from({ length: channels }, () => first);
  }
  if (numbers.length === channels) return numbers;
  const problem = `${numbers.length} numbers for ${channels} channels`;
  throw new InputMismatchError(
    `input.preprocess.custom.${field}`,
    problem,
    'give one for each channel, or the same for all',
  );
}

function decimal(field: 'scale' | 'mean' | 'std', text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (Number.isFinite(value) && (field !== 'std' || value > 0)) return value;
  const remedy = field === 'std' ? 'give a decimal above 0' : 'give a decimal';
  throw new InputMismatchError(`input.preprocess.custom.${field}`, `'${text}' is no such number`, remedy);
}

import type { Codec } from '../../../api/manifest/codec.ts';
import { type ElementType, elementBytes, elementCount, type Tensor } from '../../tensor.ts';
import { packedBytes } from './bits.ts';
import { compressedBound } from './compression.ts';

/** What decides how a tensor is encoded; a tensor, or its description at the receiver. */
export type TensorInfo = Pick<Tensor, 'name' | 'type' | 'shape'>;

/** How the elements of one tensor are written. */
export type ElementFormat = 'AsIs' | 'Float16' | 'BFloat16' | 'Affine' | 'Json';

/** Bytes of a channel's range in the side information: `low` and `scale` as float32. */
export const gridBytes = 8;
/** Elements that are encoded at a time, a multiple of 8 so that packed codes end on a byte. */
export const pieceElements = 65_536;
/** Elements that are compressed at a time: smaller blocks compress worse, larger ones arrive in coarser steps. */
export const blockElements = 262_144;
/** Bytes of the length before a compressed block or a JSON text. */
export const lengthBytes = 4;

const floats: ReadonlySet<ElementType> = new Set(['float32', 'float64', 'float16', 'bfloat16']);

/**
 * A codec changes floating-point tensors alone; integers and booleans are sent as they are. Float32 sends every tensor
 * as it is; a tensor that has the codec's own 16-bit type already is not converted either.
 */
export function formatOf(codec: Codec, type: ElementType): ElementFormat {
  if (!floats.has(type) || codec.type === 'Float32') return 'AsIs';
  if (codec.type === 'Float16' && type === 'float16') return 'AsIs';
  if (codec.type === 'BFloat16' && type === 'bfloat16') return 'AsIs';
  return codec.type;
}

/**
 * Runs of consecutive elements that share a range: `channels` of `channelElements` each, repeated per batch element.
 * Axis 1 is the channel; with fewer than three axes a channel has no extent, and the tensor has one range.
 */
export function channelsOf(codec: Codec, shape: readonly number[]): { channels: number; channelElements: number } {
  const channels = shape[1];
  if (codec.affine?.granularity !== 'PerChannel' || channels === undefined || shape.length < 3) {
    return { channels: 1, channelElements: elementCount(shape) };
  }
  return { channels, channelElements: elementCount(shape.slice(2)) };
}

/** Calls `visit(channel, from, to)` for each run of one channel within elements `start` to `end`. */
export function forEachChannel(
  start: number,
  end: number,
  channels: number,
  channelElements: number,
  visit: (channel: number, from: number, to: number) => void,
): void {
  for (let from = start; from < end; ) {
    const run = Math.floor(from / channelElements);
    const to = Math.min(end, (run + 1) * channelElements);
    visit(run % channels, from, to);
    from = to;
  }
}

export function affineBits(codec: Codec): number {
  return codec.affine?.bits ?? 8;
}

/** Bytes of side information before the elements. */
export function sideBytes(codec: Codec, info: TensorInfo): number {
  return formatOf(codec, info.type) === 'Affine' ? channelsOf(codec, info.shape).channels * gridBytes : 0;
}

/** Bytes that `count` elements take before compression; not for Json. */
export function rawBytes(codec: Codec, type: ElementType, count: number): number {
  switch (formatOf(codec, type)) {
    case 'Float16':
    case 'BFloat16':
      return 2 * count;
    case 'Affine':
      return packedBytes(count, affineBits(codec));
    default:
      return elementBytes[type] * count;
  }
}

/** The most characters that a number takes in JSON, with its comma, and the brackets of all its axes of length 1. */
function jsonBound(info: TensorInfo): number {
  // Every prefix of the shape has one pair of brackets and a comma per list.
  const lists = info.shape.reduce((sum, _, axis) => sum + elementCount(info.shape.slice(0, axis)), 0);
  return 26 * elementCount(info.shape) + 3 * lists + 8;
}

/** Bytes of an encoded tensor: `exact`, or the most it can be where only encoding tells (compression, Json). */
export function encodedBytes(codec: Codec, info: TensorInfo): { bytes: number; exact: boolean } {
  const side = sideBytes(codec, info);
  const count = elementCount(info.shape);
  if (formatOf(codec, info.type) === 'Json') {
    const text = jsonBound(info);
    const body = codec.compression === 'None' ? text : lengthBytes + compressedBound(text);
    return { bytes: lengthBytes + body, exact: false };
  }
  if (codec.compression === 'None') return { bytes: side + rawBytes(codec, info.type, count), exact: true };
  let bytes = side;
  for (let start = 0; start < count; start += blockElements) {
    bytes += lengthBytes + compressedBound(rawBytes(codec, info.type, Math.min(blockElements, count - start)));
  }
  return { bytes, exact: false };
}

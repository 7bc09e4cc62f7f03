import type { Codec } from '../../../api/manifest/codec.ts';
import { elementBytes, elementCount, type Tensor } from '../../tensor.ts';
import { gridOf, quantise } from './affine.ts';
import type { Arena } from './arena.ts';
import { encodeBFloat16 } from './bfloat16.ts';
import { pack } from './bits.ts';
import { compress } from './compression.ts';
import { encodeFloat16 } from './float16.ts';
import { toFloat32, viewAs } from './floats.ts';
import { encodeJson } from './json.ts';
import {
  affineBits,
  blockElements,
  channelsOf,
  forEachChannel,
  formatOf,
  gridBytes,
  lengthBytes,
  pieceElements,
  rawBytes,
} from './layout.ts';
import { emptyRange, type Range, rangeOf, union } from './range.ts';

/** Writes elements `start` (a multiple of 8) to `end` of a tensor. */
type WriteElements = (start: number, end: number, target: Uint8Array) => void;

/**
 * Encodes one tensor piece by piece, in order: side information first, then elements, in blocks with their length where
 * compressed. Pieces lie in the arena or, where nothing is changed, in the tensor itself. Throws `NotRepresentable`.
 */
export function* encodeTensor(tensor: Tensor, codec: Codec, arena: Arena): Generator<Uint8Array, void, void> {
  const format = formatOf(codec, tensor.type);
  if (format === 'Json') {
    const values =
      tensor.type === 'float64'
        ? viewAs(Float64Array, tensor.data)
        : viewAs(Float32Array, bytesOf(toFloat32(tensor, arena)));
    yield* withLength(compress(encodeJson(tensor.name, values, tensor.shape), codec.compression), arena);
    return;
  }
  const count = elementCount(tensor.shape);
  if (format === 'AsIs' && codec.compression === 'None') {
    if (count > 0) yield tensor.data;
    return;
  }
  const { side, write } = writer(tensor, codec, arena);
  if (side !== undefined) yield side;
  if (codec.compression === 'None') {
    for (let start = 0; start < count; start += pieceElements) {
      const end = Math.min(count, start + pieceElements);
      const piece = arena.take(rawBytes(codec, tensor.type, end - start));
      write(start, end, piece);
      yield piece;
    }
    return;
  }
  const scratch = arena.take(rawBytes(codec, tensor.type, Math.min(count, blockElements)));
  for (let start = 0; start < count; start += blockElements) {
    const end = Math.min(count, start + blockElements);
    const block = scratch.subarray(0, rawBytes(codec, tensor.type, end - start));
    write(start, end, block);
    yield* withLength(compress(block, codec.compression), arena);
  }
}

function* withLength(bytes: Uint8Array, arena: Arena): Generator<Uint8Array, void, void> {
  const length = arena.take(lengthBytes);
  new DataView(length.buffer, length.byteOffset).setUint32(0, bytes.length, true);
  yield length;
  yield bytes;
}

function writer(tensor: Tensor, codec: Codec, arena: Arena): { side?: Uint8Array; write: WriteElements } {
  const format = formatOf(codec, tensor.type);
  if (format === 'AsIs') {
    const size = elementBytes[tensor.type];
    return { write: (start, end, target) => target.set(tensor.data.subarray(start * size, end * size)) };
  }
  const bits = toFloat32(tensor, arena);
  if (format === 'Affine') return affineWriter(bits, tensor, codec, arena);
  const encode = format === 'Float16' ? encodeFloat16 : encodeBFloat16;
  return { write: (start, end, target) => encode(bits.subarray(start, end), viewAs(Uint16Array, target)) };
}

function affineWriter(source: Int32Array, tensor: Tensor, codec: Codec, arena: Arena) {
  const { channels, channelElements } = channelsOf(codec, tensor.shape);
  const bits = affineBits(codec);
  const grids = channelGrids(source, channels, channelElements, bits);
  const side = arena.take(channels * gridBytes);
  viewAs(Float32Array, side).set(grids.flatMap(({ grid }) => [grid.low, grid.scale]));
  const floats = viewAs(Float32Array, bytesOf(source));
  const codes = bits === 8 ? undefined : arena.take(Math.min(blockElements, floats.length));
  const write: WriteElements = (start, end, target) => {
    const quantised = codes?.subarray(0, end - start) ?? target;
    forEachChannel(start, end, channels, channelElements, (channel, from, to) => {
      const entry = grids[channel];
      if (entry === undefined) return;
      quantise(floats.subarray(from, to), quantised.subarray(from - start, to - start), entry.grid, entry.finite);
    });
    if (codes !== undefined) pack(quantised, target, bits);
  };
  return { side, write };
}

/** One grid per channel over all batch elements. */
function channelGrids(source: Int32Array, channels: number, channelElements: number, bits: number) {
  const ranges = new Array<Range>(channels).fill(emptyRange);
  forEachChannel(0, source.length, channels, channelElements, (channel, from, to) => {
    ranges[channel] = union(ranges[channel] ?? emptyRange, rangeOf(source.subarray(from, to)));
  });
  return ranges.map((range) => ({ grid: gridOf(range, bits), finite: range.finite }));
}

function bytesOf(view: Int32Array): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

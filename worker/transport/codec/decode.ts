import type { Codec } from '../../../api/manifest/codec.ts';
import { elementBytes, elementCount, type Tensor } from '../../tensor.ts';
import { dequantise } from './affine.ts';
import type { Arena } from './arena.ts';
import { decodeBFloat16 } from './bfloat16.ts';
import { unpack } from './bits.ts';
import { compressedBound, decompress } from './compression.ts';
import { TensorCorrupt } from './errors.ts';
import { decodeFloat16 } from './float16.ts';
import { fromFloat32, viewAs } from './floats.ts';
import { decodeJson } from './json.ts';
import {
  affineBits,
  blockElements,
  channelsOf,
  encodedBytes,
  forEachChannel,
  formatOf,
  lengthBytes,
  pieceElements,
  rawBytes,
  sideBytes,
  type TensorInfo,
} from './layout.ts';

/** Decodes one tensor as its bytes arrive. */
export interface TensorDecoder {
  /** Bytes of the body that were decoded; the next {@link advance} needs them no more. */
  readonly used: number;
  /** The tensor, once all of it is there. Its data lie in the body or in the arena. */
  readonly tensor: Tensor | undefined;
  /**
   * Decodes what is complete of `body`: the bytes received so far, from the body's first on, 8-byte aligned.
   * Throws {@link TensorCorrupt}.
   */
  advance(body: Uint8Array): void;
}

/** Reads elements `start` (a multiple of 8) to `end` from their bytes, which are aligned. */
type ReadElements = (source: Uint8Array, start: number, end: number) => void;

/** A decoder for one tensor. Memory is taken for what `info` promises: check its size against a limit before. */
export function tensorDecoder(info: TensorInfo, codec: Codec, arena: Arena): TensorDecoder {
  const count = elementCount(info.shape);
  const state = { used: 0, tensor: undefined as Tensor | undefined, advance: (_body: Uint8Array) => {} };
  const finish = (data: Uint8Array) => {
    state.tensor = { name: info.name, type: info.type, shape: info.shape, data };
  };
  const format = formatOf(codec, info.type);
  if (format === 'Json') {
    state.advance = (body) => {
      const text = blockAt(body, 0, info, encodedBytes(codec, info).bytes);
      if (text === undefined || state.tensor !== undefined) return;
      state.used = lengthBytes + text.length;
      finish(
        jsonTensor(
          inflate(text, codec, info, encodedBytes({ ...codec, compression: 'None' }, info).bytes),
          info,
          arena,
        ),
      );
    };
  } else if (format === 'AsIs' && codec.compression === 'None') {
    const bytes = count * elementBytes[info.type];
    state.advance = (body) => {
      if (body.length < bytes || state.tensor !== undefined) return;
      state.used = bytes;
      finish(body.subarray(0, bytes));
    };
  } else {
    state.advance = elementDecoder(info, codec, arena, count, state, finish);
  }
  return state;
}

function elementDecoder(
  info: TensorInfo,
  codec: Codec,
  arena: Arena,
  count: number,
  state: { used: number; tensor: Tensor | undefined },
  finish: (data: Uint8Array) => void,
): (body: Uint8Array) => void {
  const data = arena.take(count * elementBytes[info.type]);
  const side = sideBytes(codec, info);
  const bytesOf = (elements: number) => rawBytes(codec, info.type, elements);
  let read: ReadElements | undefined;
  let done = 0;
  return (body) => {
    if (state.tensor !== undefined || body.length < side) return;
    if (read === undefined) {
      read = reader(info, codec, arena, data, body.subarray(0, side));
      state.used = side;
    }
    while (done < count) {
      if (codec.compression === 'None') {
        const available = Math.min(count - done, pieceElements);
        const bytes = bytesOf(available);
        if (body.length - state.used < bytes) return;
        read(body.subarray(state.used, state.used + bytes), done, done + available);
        state.used += bytes;
        done += available;
      } else {
        const elements = Math.min(count - done, blockElements);
        const block = blockAt(body, state.used, info, compressedBound(bytesOf(elements)));
        if (block === undefined) return;
        const raw = inflate(block, codec, info, bytesOf(elements));
        if (raw.length !== bytesOf(elements)) {
          throw new TensorCorrupt(info.name, `a block holds ${raw.length} bytes instead of ${bytesOf(elements)}`);
        }
        read(aligned(raw), done, done + elements);
        state.used += lengthBytes + block.length;
        done += elements;
      }
    }
    finish(data);
  };
}

function reader(info: TensorInfo, codec: Codec, arena: Arena, data: Uint8Array, side: Uint8Array): ReadElements {
  const format = formatOf(codec, info.type);
  const size = elementBytes[info.type];
  if (format === 'AsIs') return (source, start) => data.set(source, start * size);
  const decode = format === 'Affine' ? affineReader(info, codec, arena, side) : halfReader(format);
  if (info.type === 'float32') {
    const target = viewAs(Int32Array, data);
    return (source, start, end) => decode(source, start, end, target.subarray(start, end));
  }
  const scratch = viewAs(Int32Array, arena.take(4 * Math.min(blockElements, elementCount(info.shape))));
  return (source, start, end) => {
    const floats = scratch.subarray(0, end - start);
    decode(source, start, end, floats);
    fromFloat32(floats, info.type, data.subarray(start * size, end * size));
  };
}

type DecodeFloats = (source: Uint8Array, start: number, end: number, target: Int32Array) => void;

function halfReader(format: string): DecodeFloats {
  const decode = format === 'Float16' ? decodeFloat16 : decodeBFloat16;
  return (source, _start, _end, target) => decode(viewAs(Uint16Array, source), target);
}

function affineReader(info: TensorInfo, codec: Codec, arena: Arena, side: Uint8Array): DecodeFloats {
  const { channels, channelElements } = channelsOf(codec, info.shape);
  const bits = affineBits(codec);
  const levels = 2 ** bits - 1;
  const numbers = viewAs(Float32Array, new Uint8Array(side));
  const gridOfChannel = (channel: number) => {
    const [low, scale] = [numbers[2 * channel] as number, numbers[2 * channel + 1] as number];
    if (Number.isFinite(low) && Number.isFinite(scale) && scale >= 0) return { low, scale, levels };
    throw new TensorCorrupt(info.name, `channel ${channel} has the range ${low} in steps of ${scale}`);
  };
  const codes = bits === 8 ? undefined : arena.take(Math.min(blockElements, elementCount(info.shape)));
  return (source, start, end, target) => {
    const quantised = codes?.subarray(0, end - start) ?? source;
    if (codes !== undefined) unpack(source, quantised, bits);
    const floats = new Float32Array(target.buffer, target.byteOffset, target.length);
    forEachChannel(start, end, channels, channelElements, (channel, from, to) => {
      const run = floats.subarray(from - start, to - start);
      dequantise(quantised.subarray(from - start, to - start), run, gridOfChannel(channel));
    });
  };
}

function jsonTensor(text: Uint8Array, info: TensorInfo, arena: Arena): Uint8Array {
  const data = arena.take(elementCount(info.shape) * elementBytes[info.type]);
  if (info.type === 'float64') decodeJson(info.name, text, info.shape, viewAs(Float64Array, data));
  else {
    const floats = new Float32Array(elementCount(info.shape));
    decodeJson(info.name, text, info.shape, floats);
    fromFloat32(viewAs(Int32Array, new Uint8Array(floats.buffer)), info.type, data);
  }
  return data;
}

/** The block whose length stands at `offset`, or undefined while it is not complete. */
function blockAt(body: Uint8Array, offset: number, info: TensorInfo, maxBytes: number): Uint8Array | undefined {
  if (body.length < offset + lengthBytes) return undefined;
  const length = new DataView(body.buffer, body.byteOffset + offset).getUint32(0, true);
  if (length > maxBytes)
    throw new TensorCorrupt(info.name, `a block of ${length} bytes, where ${maxBytes} are the most`);
  const start = offset + lengthBytes;
  return body.length < start + length ? undefined : body.subarray(start, start + length);
}

function inflate(block: Uint8Array, codec: Codec, info: TensorInfo, maxBytes: number): Uint8Array {
  try {
    return decompress(block, codec.compression, maxBytes);
  } catch (cause) {
    throw new TensorCorrupt(info.name, `a block is not ${codec.compression} of at most ${maxBytes} bytes`, { cause });
  }
}

/** The bytes at an address that any element type may be read from. */
function aligned(bytes: Uint8Array): Uint8Array {
  return bytes.byteOffset % 8 === 0 ? bytes : new Uint8Array(bytes);
}

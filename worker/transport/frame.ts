import { z } from 'zod';
import { type Codec, codecSchema } from '../../api/manifest/codec.ts';
import { type ElementType, elementBytes, elementCount, type Tensor } from '../tensor.ts';
import type { Arena } from './codec/arena.ts';
import { type TensorDecoder, tensorDecoder } from './codec/decode.ts';
import { encodeTensor } from './codec/encode.ts';
import { encodedBytes, sideBytes } from './codec/layout.ts';
import { FrameInvalid, FrameTooLarge } from './errors.ts';

/**
 * A frame is a description and the tensors' bodies, each starting at a multiple of 8 bytes:
 * `u32 length of the description | description (JSON, UTF-8) | padding | body | padding | body ...`, little-endian.
 */
const alignment = 8;
const maxDescriptionBytes = 4 * 1024 * 1024;
const lengthBytes = 4;

export type Meta = Readonly<Record<string, unknown>>;

const elementTypes = Object.keys(elementBytes) as [ElementType, ...ElementType[]];
const descriptionSchema = z.strictObject({
  codec: codecSchema,
  tensors: z
    .array(
      z.strictObject({
        name: z.string().max(4096),
        type: z.enum(elementTypes),
        shape: z.array(z.int().nonnegative()).max(32),
      }),
    )
    .max(4096),
  meta: z.record(z.string(), z.unknown()),
});

export interface Frame {
  readonly tensors: readonly Tensor[];
  readonly meta: Meta;
}

export interface EncodedFrame {
  /** The frame's bytes, in order; making a piece is what encodes it. */
  readonly pieces: Generator<Uint8Array, void, void>;
  /** Bytes of all pieces, or, unless `exact`, the most that they can be. */
  readonly size: { readonly bytes: number; readonly exact: boolean };
}

/** Describes and encodes tensors; pieces lie in the arena or in the tensors themselves. */
export function encodeFrame(frame: Frame, codec: Codec, arena: Arena): EncodedFrame {
  const tensors = frame.tensors.map(({ name, type, shape }) => ({ name, type, shape }));
  const description = Buffer.from(JSON.stringify({ codec, tensors, meta: frame.meta }));
  if (description.length > maxDescriptionBytes) throw new FrameTooLarge(description.length, maxDescriptionBytes);
  let bytes = padded(lengthBytes + description.length);
  let exact = true;
  for (const tensor of frame.tensors) {
    const body = encodedBytes(codec, tensor);
    bytes += padded(body.bytes);
    exact &&= body.exact;
  }
  return { pieces: pieces(frame.tensors, description, codec, arena), size: { bytes, exact } };
}

function* pieces(tensors: readonly Tensor[], description: Uint8Array, codec: Codec, arena: Arena) {
  const head = arena.take(padded(lengthBytes + description.length)).fill(0);
  new DataView(head.buffer, head.byteOffset).setUint32(0, description.length, true);
  head.set(description, lengthBytes);
  yield head;
  for (const tensor of tensors) {
    let bytes = 0;
    for (const piece of encodeTensor(tensor, codec, arena)) {
      bytes += piece.length;
      yield piece;
    }
    if (bytes < padded(bytes)) yield arena.take(padded(bytes) - bytes).fill(0);
  }
}

export interface FrameDecoder {
  /** What the description says, once it was received; decodes nothing. */
  meta(received: Uint8Array): Meta | undefined;
  /** Decodes what is complete of the bytes received so far. Throws TensorCorrupt, FrameInvalid or FrameTooLarge. */
  advance(received: Uint8Array): void;
  /** The frame, once all of it was received; throws {@link FrameInvalid} when bytes are missing or left over. */
  finish(received: Uint8Array): Frame;
}

/** Decodes a frame whose bytes start at a multiple of 8; tensors take at most `maxBytes`, checked before memory is. */
export function frameDecoder(arena: Arena, maxBytes: number): FrameDecoder {
  let description: z.infer<typeof descriptionSchema> | undefined;
  let at = 0;
  const decoders: TensorDecoder[] = [];
  let current = 0;
  const describe = (received: Uint8Array) => {
    if (description !== undefined) return description;
    const found = readDescription(received);
    if (found === undefined) return undefined;
    checkSize(found.description, maxBytes);
    description = found.description;
    at = found.end;
    return description;
  };
  const advance = (received: Uint8Array) => {
    const description = describe(received);
    if (description === undefined) return;
    for (; current < description.tensors.length; current++) {
      const info = description.tensors[current];
      if (info === undefined) return;
      // The padding before it is part of the frame, even where the body is empty.
      if (received.length < at) return;
      decoders[current] ??= tensorDecoder(info, description.codec, arena);
      const decoder = decoders[current];
      decoder?.advance(received.subarray(at));
      if (decoder?.tensor === undefined) return;
      at += padded(decoder.used);
    }
  };
  return {
    meta: (received) => describe(received)?.meta,
    advance,
    finish(received) {
      advance(received);
      const tensors = decoders.flatMap((decoder) => decoder.tensor ?? []);
      if (description === undefined || tensors.length < description.tensors.length || at !== received.length) {
        throw new FrameInvalid(`its ${received.length} bytes are not those that it describes`);
      }
      return { tensors, meta: description.meta };
    },
  };
}

function readDescription(received: Uint8Array) {
  if (received.length < lengthBytes) return undefined;
  const length = new DataView(received.buffer, received.byteOffset).getUint32(0, true);
  if (length > maxDescriptionBytes) throw new FrameTooLarge(length, maxDescriptionBytes);
  const end = padded(lengthBytes + length);
  if (received.length < end) return undefined;
  const text = Buffer.from(received.subarray(lengthBytes, lengthBytes + length)).toString('utf8');
  try {
    return { description: descriptionSchema.parse(JSON.parse(text)), end };
  } catch (cause) {
    throw new FrameInvalid('its description cannot be read', { cause });
  }
}

/** Side information is counted too: it is not in proportion to the elements where an axis is empty. */
function checkSize(description: z.infer<typeof descriptionSchema>, maxBytes: number): void {
  let bytes = 0;
  for (const { type, shape } of description.tensors) {
    bytes += elementCount(shape) * elementBytes[type] + sideBytes(description.codec, { name: '', type, shape });
    if (!(bytes <= maxBytes)) throw new FrameTooLarge(bytes, maxBytes);
  }
}

function padded(bytes: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}

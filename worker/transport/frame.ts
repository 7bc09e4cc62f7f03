import { z } from 'zod';
import { type Codec, codecSchema } from '../../api/manifest/codec.ts';
import { isPlainObject } from '../../api/plain-object.ts';
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
const layoutSchema = z.strictObject({
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
});
type Description = z.infer<typeof layoutSchema> & { readonly meta: Meta };

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
export function frameDecoder(arena: Arena, maxBytes: number, layouts: Layouts = layoutMemory()): FrameDecoder {
  let description: Description | undefined;
  let at = 0;
  const decoders: TensorDecoder[] = [];
  let current = 0;
  const describe = (received: Uint8Array) => {
    if (description !== undefined) return description;
    const found = readDescription(received, layouts);
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

/** Checks the layout of a frame: its codec and tensors as JSON text. */
export type Layouts = (text: string) => z.infer<typeof layoutSchema>;

const mostLayouts = 64;

/**
 * Remembers the layouts that it has checked: all frames of a visit have the same one, and a check by the schema takes
 * 0.1 ms where the processor has slept before, for instance while a link delayed the frame.
 */
export function layoutMemory(): Layouts {
  const known = new Map<string, z.infer<typeof layoutSchema>>();
  return (text) => {
    const layout = known.get(text) ?? layoutSchema.parse(JSON.parse(text));
    if (known.size >= mostLayouts) known.clear();
    known.set(text, layout);
    return layout;
  };
}

function readDescription(received: Uint8Array, layouts: Layouts) {
  if (received.length < lengthBytes) return undefined;
  const length = new DataView(received.buffer, received.byteOffset).getUint32(0, true);
  if (length > maxDescriptionBytes) throw new FrameTooLarge(length, maxDescriptionBytes);
  const end = padded(lengthBytes + length);
  if (received.length < end) return undefined;
  const text = Buffer.from(received.buffer, received.byteOffset + lengthBytes, length).toString('utf8');
  try {
    const { meta, ...layout }: Record<string, unknown> = JSON.parse(text);
    if (!isPlainObject(meta)) throw new TypeError('its meta is no object');
    return { description: { ...layouts(JSON.stringify(layout)), meta }, end };
  } catch (cause) {
    throw new FrameInvalid('its description cannot be read', { cause });
  }
}

/** Side information is counted too: it is not in proportion to the elements where an axis is empty. */
function checkSize(description: Description, maxBytes: number): void {
  let bytes = 0;
  for (const { type, shape } of description.tensors) {
    bytes += elementCount(shape) * elementBytes[type] + sideBytes(description.codec, { name: '', type, shape });
    if (!(bytes <= maxBytes)) throw new FrameTooLarge(bytes, maxBytes);
  }
}

function padded(bytes: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}

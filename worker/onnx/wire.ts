import { OnnxError } from './errors.ts';
import type { ByteSource } from './source.ts';

/**
 * One field of a protobuf message: its number, its wire type (0 varint, 1 eight bytes, 2 bytes with a length, 5 four
 * bytes), where the field begins, and where its payload starts and ends. `value` is a varint as a signed number, exact
 * below 2^53.
 */
export interface Field {
  readonly number: number;
  readonly wireType: number;
  readonly from: number;
  readonly start: number;
  readonly end: number;
  readonly value: number;
}

const text = new TextDecoder('utf-8', { fatal: true });
const longestName = 65_536;

/**
 * The fields of the message that lies in `source` from `start` to `end`; payloads are not read, only varints.
 * Throws `Truncated` or `Malformed` with the byte's offset.
 */
export function* fields(source: ByteSource, start: number, end: number): Generator<Field, void, undefined> {
  let offset = start;
  while (offset < end) {
    const from = offset;
    const tag = varint(source, offset, end);
    const number = Math.floor(tag.value / 8);
    const wireType = tag.value & 7;
    if (tag.value < 8 || tag.value > 0xffff_ffff) throw malformed(`field number ${number}`, from);
    offset = tag.end;
    let value = 0;
    if (wireType === 0) {
      const number = varint(source, offset, end);
      value = number.value;
      yield { number: Math.floor(tag.value / 8), wireType, from, start: offset, end: number.end, value };
      offset = number.end;
      continue;
    }
    let length = wireType === 1 ? 8 : 4;
    if (wireType === 2) {
      const counted = varint(source, offset, end);
      length = counted.value;
      offset = counted.end;
    } else if (wireType !== 1 && wireType !== 5) throw malformed(`wire type ${wireType}`, from);
    if (length < 0 || length > end - offset) {
      throw new OnnxError(
        'Truncated',
        `A field at byte ${from} claims ${length} bytes, but ${end - offset} are left: the file is incomplete or damaged.`,
      );
    }
    yield { number, wireType, from, start: offset, end: offset + length, value };
    offset += length;
  }
}

/** The payload of a field as text. Throws `Malformed` for another wire type, `TooLarge` beyond 64 KiB. */
export function fieldText(source: ByteSource, field: Field): string {
  if (field.wireType !== 2) throw malformed(`wire type ${field.wireType} for a text`, field.from);
  if (field.end - field.start > longestName) {
    throw new OnnxError('TooLarge', `A name at byte ${field.start} has ${field.end - field.start} bytes.`);
  }
  try {
    return text.decode(source.bytes(field.start, field.end - field.start));
  } catch (cause) {
    if (cause instanceof OnnxError) throw cause;
    throw malformed('text that is not UTF-8', field.start);
  }
}

/** The numbers of a repeated int64 field, which may be packed. */
export function* fieldIntegers(source: ByteSource, field: Field): Generator<number, void, undefined> {
  if (field.wireType === 0) {
    yield field.value;
    return;
  }
  if (field.wireType !== 2) throw malformed(`wire type ${field.wireType} for an integer`, field.from);
  for (let offset = field.start; offset < field.end; ) {
    const number = varint(source, offset, field.end);
    yield number.value;
    offset = number.end;
  }
}

/** Throws `Malformed` unless the field is a nested message. */
export function expectMessage(field: Field): Field {
  if (field.wireType !== 2) throw malformed(`wire type ${field.wireType} for a message`, field.from);
  return field;
}

export function malformed(what: string, offset: number): OnnxError {
  return new OnnxError('Malformed', `Not an ONNX model: ${what} at byte ${offset}.`);
}

function varint(source: ByteSource, start: number, end: number): { value: number; end: number } {
  let low = 0;
  let high = 0;
  for (let index = 0; index < 10; index++) {
    const offset = start + index;
    if (offset >= end) throw new OnnxError('Truncated', `A number at byte ${start} is cut off.`);
    const byte = source.byte(offset);
    const bits = byte & 0x7f;
    if (index < 4) low += bits * 2 ** (7 * index);
    else high += bits * 2 ** (7 * (index - 4));
    if (byte < 0x80) {
      const top = Math.floor(high % 2 ** 36);
      const value = top >= 2 ** 35 ? top - 2 ** 36 : top;
      return { value: value * 2 ** 28 + low, end: offset + 1 };
    }
  }
  throw malformed('a number longer than ten bytes', start);
}

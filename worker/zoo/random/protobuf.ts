const text = new TextEncoder();

/** A field that holds a number of type int32, int64 or enum, 0 or more (https://protobuf.dev/programming-guides/encoding/). */
export function numberField(field: number, value: number): Uint8Array {
  return Uint8Array.from([...varint(field * 8), ...varint(value)]);
}

/** A field that holds a string. */
export function stringField(field: number, value: string): Uint8Array {
  return messageField(field, [text.encode(value)]);
}

/** A field that holds a message (or bytes), given as its encoded members one after another. */
export function messageField(field: number, members: readonly Uint8Array[]): Uint8Array {
  const length = members.reduce((sum, member) => sum + member.length, 0);
  return concat([fieldStart(field, length), ...members]);
}

/** What stands before `length` bytes of a string, of bytes or of a message that the caller writes itself. */
export function fieldStart(field: number, length: number): Uint8Array {
  return Uint8Array.from([...varint(field * 8 + 2), ...varint(length)]);
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  // Division and not a shift: sizes of whole models pass 2^31.
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return [...bytes, rest];
}

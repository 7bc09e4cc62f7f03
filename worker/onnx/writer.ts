const text = new TextEncoder();

/**
 * Writes one protobuf message (https://protobuf.dev/programming-guides/encoding/). Bytes handed in are kept by
 * reference until `finish`, which copies them once.
 */
export class MessageWriter {
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  /** A number of type int32, int64, uint64, bool or enum; negative numbers take ten bytes, as the format says. */
  varint(field: number, value: number | bigint): this {
    this.#tag(field, 0);
    return this.verbatim(encodeVarint(value));
  }

  /** A number of type float. */
  float(field: number, value: number): this {
    this.#tag(field, 5);
    return this.verbatim(new Uint8Array(Float32Array.of(value).buffer));
  }

  string(field: number, value: string): this {
    return this.bytes(field, text.encode(value));
  }

  bytes(field: number, value: Uint8Array): this {
    return this.announce(field, value.length).verbatim(value);
  }

  /** What stands before `length` bytes of a string, of bytes or of a message that the caller writes itself. */
  announce(field: number, length: number): this {
    this.#tag(field, 2);
    return this.verbatim(encodeVarint(length));
  }

  /** A nested message. */
  message(field: number, value: MessageWriter): this {
    this.announce(field, value.#length);
    for (const part of value.#parts) this.verbatim(part);
    return this;
  }

  /** Whole fields that are encoded already. */
  verbatim(bytes: Uint8Array): this {
    this.#parts.push(bytes);
    this.#length += bytes.length;
    return this;
  }

  /** The message's bytes. */
  finish(): Uint8Array {
    const bytes = new Uint8Array(this.#length);
    let offset = 0;
    for (const part of this.#parts) {
      bytes.set(part, offset);
      offset += part.length;
    }
    return bytes;
  }

  #tag(field: number, wireType: number): void {
    this.verbatim(encodeVarint(field * 8 + wireType));
  }
}

function encodeVarint(value: number | bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

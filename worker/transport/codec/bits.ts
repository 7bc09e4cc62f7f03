/** Bytes that `count` codes of `bits` bits take. */
export function packedBytes(count: number, bits: number): number {
  return Math.ceil((count * bits) / 8);
}

/** Packs codes of `bits` bits (2..8) without gaps, lowest bits first; the last byte is filled up with zeros. */
export function pack(codes: Uint8Array, target: Uint8Array, bits: number): void {
  const count = codes.length;
  let waiting = 0;
  let held = 0;
  let at = 0;
  for (let i = 0; i < count; i++) {
    held |= (codes[i] as number) << waiting;
    waiting += bits;
    if (waiting >= 8) {
      target[at++] = held;
      held >>>= 8;
      waiting -= 8;
    }
  }
  if (waiting > 0) target[at] = held;
}

/** The reverse of {@link pack}, for as many codes as `target` has elements. */
export function unpack(packed: Uint8Array, target: Uint8Array, bits: number): void {
  const mask = (1 << bits) - 1;
  const count = target.length;
  let waiting = 0;
  let held = 0;
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (waiting < bits) {
      held |= (packed[at++] as number) << waiting;
      waiting += 8;
    }
    target[i] = held & mask;
    held >>>= bits;
    waiting -= bits;
  }
}

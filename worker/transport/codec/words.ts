/**
 * The hot loops of the codecs move 32-bit words: V8 checks at every access of a typed array whether its buffer was
 * detached as soon as any buffer of the process ever was, and fewer accesses are fewer checks (widening bfloat16 takes
 * 4.2 ms by single elements and 2.4 ms by words, `bench/codecs.ts`). Lengths are read before the loops for the same
 * reason, and nothing stands behind a loop, since V8 gives up code that it optimised in mid-loop at its end.
 *
 * Returns the aligned whole words of an array of smaller elements; the elements after them are `wordsOf(x).length`
 * times `4 / BYTES_PER_ELEMENT` on. None, if the array does not start at a word.
 */
export function wordsOf(elements: Uint8Array | Uint16Array): Int32Array {
  if (elements.byteOffset % 4 !== 0) return none;
  return new Int32Array(elements.buffer, elements.byteOffset, elements.byteLength >> 2);
}

const none = new Int32Array(0);

/** Pieces below this are put together, so that a small reply is one message. */
const smallBytes = 16 * 1024;

/**
 * Cuts pieces into chunks of at most `chunkBytes`, without copying but for small neighbours. Chunks keep the order and
 * none is empty.
 */
export function* chunksOf(pieces: Iterable<Uint8Array>, chunkBytes: number): Generator<Uint8Array, void, void> {
  let small: Uint8Array[] = [];
  let bytes = 0;
  const limit = Math.min(smallBytes, chunkBytes);
  for (const piece of pieces) {
    for (let start = 0; start < piece.length; start += chunkBytes) {
      const chunk = piece.subarray(start, start + chunkBytes);
      if (bytes + chunk.length > limit && bytes > 0) {
        yield joined(small, bytes);
        small = [];
        bytes = 0;
      }
      if (chunk.length >= limit) yield chunk;
      else {
        small.push(chunk);
        bytes += chunk.length;
      }
    }
  }
  if (bytes > 0) yield joined(small, bytes);
}

function joined(chunks: readonly Uint8Array[], bytes: number): Uint8Array {
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, bytes);
}

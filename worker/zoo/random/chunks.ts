import { weightGenerator } from './generator.ts';
import type { Part } from './onnx.ts';

const chunkWeights = 2 ** 20;

/**
 * The bytes of `parts`, the weights drawn from `seed` on the way, in pieces of at most 4 MiB. A piece is overwritten
 * when the next but one is asked for, so that one can be written while the next is drawn.
 */
export function* modelChunks(parts: readonly Part[], seed: number): Generator<Uint8Array> {
  const generator = weightGenerator(seed);
  let [current, other] = [new Float32Array(chunkWeights), new Float32Array(chunkWeights)];
  for (const part of parts) {
    if (part instanceof Uint8Array) {
      yield part;
      continue;
    }
    for (let start = 0; start < part.count; start += chunkWeights) {
      const piece = current.subarray(0, Math.min(chunkWeights, part.count - start));
      generator.fill(piece, part.bound);
      yield new Uint8Array(piece.buffer, 0, piece.byteLength);
      [current, other] = [other, current];
    }
  }
}

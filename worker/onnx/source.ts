import { readSync } from 'node:fs';
import { OnnxError } from './errors.ts';

/** Bytes at offsets from 0 to `size`, which may lie beyond 2^32. */
export interface ByteSource {
  readonly size: number;
  /** One byte; the caller keeps `offset` below `size`. */
  readonly byte: (offset: number) => number;
  /** A copy of `length` bytes. */
  readonly bytes: (offset: number, length: number) => Uint8Array;
}

/** Small enough that jumping from weight to weight reads little, large enough for a run of nodes. */
const blockBytes = 16_384;

/**
 * Reads an open file block by block, one block held at a time.
 * Throws `Truncated` where the file is shorter than `size`.
 */
export function fileSource(descriptor: number, size: number): ByteSource {
  const block = new Uint8Array(blockBytes);
  let start = 0;
  let end = 0;

  function fill(target: Uint8Array, position: number, wanted: number): void {
    let filled = 0;
    while (filled < wanted) {
      const count = readSync(descriptor, target, filled, wanted - filled, position + filled);
      if (count === 0) throw new OnnxError('Truncated', `The file ends at byte ${position + filled}: copy it again.`);
      filled += count;
    }
  }

  return {
    size,
    byte(offset) {
      if (offset < start || offset >= end) {
        const wanted = Math.min(blockBytes, size - offset);
        end = start = offset;
        fill(block, offset, wanted);
        end = offset + wanted;
      }
      return block[offset - start] as number;
    },
    bytes(offset, length) {
      if (offset >= start && offset + length <= end) return block.slice(offset - start, offset - start + length);
      const copy = new Uint8Array(length);
      fill(copy, offset, length);
      return copy;
    },
  };
}

/** The same interface over bytes in memory. */
export function memorySource(data: Uint8Array): ByteSource {
  return {
    size: data.length,
    byte: (offset) => data[offset] as number,
    bytes: (offset, length) => data.slice(offset, offset + length),
  };
}

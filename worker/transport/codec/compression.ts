import { constants, deflateRawSync, inflateRawSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { Codec } from '../../../api/manifest/codec.ts';

type Compression = Codec['compression'];

const zstd = { [constants.ZSTD_c_compressionLevel]: 1 };

/** The most that `bytes` bytes become; compressors store what they cannot shrink. */
export function compressedBound(bytes: number): number {
  return bytes + (bytes >> 7) + 1024;
}

/**
 * Compresses one block: zstd level 1, or raw deflate level 1 (RFC 1951). Synchronous, since a block takes less than a
 * millisecond and a thread pool would use cores that the worker was not given.
 */
export function compress(block: Uint8Array, compression: Compression): Uint8Array {
  // One output buffer of the full size: growing it costs as much as compressing.
  const chunkSize = compressedBound(block.length);
  if (compression === 'Zstd') return zstdCompressSync(block, { params: zstd, chunkSize });
  if (compression === 'Deflate') return deflateRawSync(block, { level: 1, chunkSize });
  return block;
}

/** Reverses {@link compress}; throws when the bytes are damaged or hold more than `maxBytes`. */
export function decompress(block: Uint8Array, compression: Compression, maxBytes: number): Uint8Array {
  const options = { maxOutputLength: Math.max(1, maxBytes), chunkSize: Math.max(64, maxBytes) };
  if (compression === 'Zstd') return zstdDecompressSync(block, options);
  if (compression === 'Deflate') return inflateRawSync(block, options);
  return block;
}

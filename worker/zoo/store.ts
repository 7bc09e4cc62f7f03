import { createHash } from 'node:crypto';
import { mkdir, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { appear, partialPath, removeStale } from '../verified.ts';
import { ZooCacheError, ZooDigestError } from './errors.ts';

/**
 * Writes `chunks` as the file `path`, unless their SHA-256 is not `digest` (ZooDigestError). The file appears whole or
 * not at all, and several writers may run at once; a chunk may be overwritten once the next but one is taken. Throws
 * ZooCacheError where the folder can not be written.
 */
export async function writeWhole(path: string, chunks: Iterable<Uint8Array>, digest: string): Promise<void> {
  const temporary = partialPath(path);
  try {
    await mkdir(dirname(path), { recursive: true });
    await removeStale(path);
    const actual = await writeSynced(temporary, chunks);
    if (actual !== digest)
      throw new ZooDigestError(path, actual, digest, 'this machine draws other weights, please report');
    await appear(temporary, path, digest);
  } catch (error) {
    throw error instanceof ZooDigestError ? error : new ZooCacheError(path, error);
  } finally {
    await rm(temporary, { force: true }).catch(() => {});
  }
}

async function writeSynced(path: string, chunks: Iterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  const file = await open(path, 'wx');
  try {
    let written: Promise<void> = Promise.resolve();
    for (const chunk of chunks) {
      hash.update(chunk);
      await written;
      written = file.writeFile(chunk);
    }
    await written;
    await file.sync();
  } finally {
    await file.close();
  }
  return hash.digest('hex');
}

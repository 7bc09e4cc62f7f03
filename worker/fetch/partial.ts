import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { appear, partialPath, removeStale } from '../verified.ts';
import { CacheUnwritable } from './errors.ts';

/** The part of a file that is there so far, under a name that only this process uses. */
export interface PartialFile extends AsyncDisposable {
  readonly bytes: number;
  append(chunk: Uint8Array): Promise<void>;
  /** Throws away what is there. */
  startOver(): Promise<void>;
  /** SHA-256 of what is there, as hex digits. */
  digest(): string;
  /** Lets it appear as the file that it is the whole of. */
  finish(digest: string): Promise<void>;
  /** Leaves what is there to whoever goes on with it. */
  park(): Promise<void>;
}

/**
 * Begins the file `path`, with what an interrupted download of it left: a rename gives that to one process alone. All
 * methods throw `CacheUnwritable` where the folder cannot be written.
 */
export async function openPartial(path: string): Promise<PartialFile> {
  const temporary = partialPath(path);
  const parked = join(dirname(path), `.${basename(path)}.parked`);
  const writing = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw new CacheUnwritable(path, error);
    }
  };
  const file: FileHandle = await writing(async () => {
    await mkdir(dirname(path), { recursive: true });
    await removeStale(path);
    await rename(parked, temporary).catch(() => {});
    return open(temporary, 'a+');
  });
  let hash: Hash = createHash('sha256');
  let bytes = 0;
  let isOpen = true;
  const close = async () => {
    if (isOpen) await file.close();
    isOpen = false;
  };
  for await (const chunk of createReadStream(temporary, { highWaterMark: 4 << 20 })) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return {
    get bytes() {
      return bytes;
    },
    append: (chunk) =>
      writing(async () => {
        await file.appendFile(chunk);
        hash.update(chunk);
        bytes += chunk.length;
      }),
    startOver: () =>
      writing(async () => {
        await file.truncate(0);
        hash = createHash('sha256');
        bytes = 0;
      }),
    digest: () => hash.copy().digest('hex'),
    finish: (digest) =>
      writing(async () => {
        await file.sync();
        await close();
        await appear(temporary, path, digest);
      }),
    park: () =>
      writing(async () => {
        await close();
        if (bytes > 0) await rename(temporary, parked);
      }),
    async [Symbol.asyncDispose]() {
      await close();
      await rm(temporary, { force: true });
    },
  };
}

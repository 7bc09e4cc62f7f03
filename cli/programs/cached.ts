import { access, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { cacheFolder } from '../../worker/cache.ts';
import { UsageError } from '../errors.ts';
import { takeLock } from '../run/lock.ts';

export interface Recipe {
  /** Folder inside the cache folder: what it holds and in which version. */
  readonly name: string;
  /** What is said before it is made. */
  readonly announce: string;
  /**
   * Puts what is wanted into `into`. `scratch` is kept when this fails or is killed, so that the next attempt goes on,
   * and removed when it is done.
   */
  readonly make: (into: string, scratch: string) => Promise<void>;
}

/** The folder of a recipe in the cache, whether or not it is there. */
export function cachedFolder(name: string): string {
  return join(cacheFolder(), name);
}

/** Makes a folder of the cache once and gives its path: it appears whole or not at all, and only one process makes it. */
export async function cached({ name, announce, make }: Recipe): Promise<string> {
  const folder = cachedFolder(name);
  if (await exists(folder)) return folder;
  await mkdir(cacheFolder(), { recursive: true });
  await using _lock = await waitForLock(join(cacheFolder(), `.${name}.lock`));
  if (await exists(folder)) return folder;
  process.stderr.write(`${announce}\n`);
  const scratch = join(cacheFolder(), `.${name}.scratch`);
  const into = join(scratch, 'result');
  await rm(into, { recursive: true, force: true });
  await mkdir(into, { recursive: true });
  await make(into, scratch);
  await rename(into, folder);
  await rm(scratch, { recursive: true, force: true });
  return folder;
}

export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function waitForLock(file: string): Promise<AsyncDisposable> {
  for (;;) {
    try {
      return await takeLock(file);
    } catch (error) {
      // What another process makes here takes minutes.
      if (!(error instanceof UsageError)) throw error;
      await delay(500);
    }
  }
}

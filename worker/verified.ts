import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * Files of the cache and the notes beside them that say which SHA-256 they were found to have. Several processes, on
 * several machines, may work on one cache: whatever is written appears by a rename.
 */

const staleAfterMs = 3_600_000;

/** SHA-256 of a file as hex digits; undefined where there is no file. */
export async function fileDigest(path: string): Promise<string | undefined> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 4 << 20 })) hash.update(chunk);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  return hash.digest('hex');
}

/**
 * Whether the file has this SHA-256. The answer is remembered beside the file with its size, time of change and inode,
 * so that half a gigabyte is hashed once and not at every start.
 */
export async function isVerified(path: string, digest: string): Promise<boolean> {
  const note = await fingerprint(path, digest);
  if (note === undefined) return false;
  if ((await readFile(noteOf(path), 'utf8').catch(() => '')) === note) return true;
  if ((await fileDigest(path)) !== digest) return false;
  await remember(path, note);
  return true;
}

/** Lets `temporary`, whose SHA-256 is known to be `digest`, appear as `path`, with the note of that. */
export async function appear(temporary: string, path: string, digest: string): Promise<void> {
  const note = await fingerprint(temporary, digest);
  await rename(temporary, path);
  if (note !== undefined) await remember(path, note);
}

/** The name under which a process writes what will be `path`: no other process uses the same. */
export function partialPath(path: string): string {
  return join(dirname(path), `.${basename(path)}.${randomUUID()}.partial`);
}

/** A writer that was killed leaves its unfinished file; one that is still at work changed it within the hour. */
export async function removeStale(path: string): Promise<void> {
  const folder = dirname(path);
  for (const name of await readdir(folder)) {
    if (!name.startsWith(`.${basename(path)}.`) || !name.endsWith('.partial')) continue;
    const partial = join(folder, name);
    const changedMs = (await stat(partial).catch(() => undefined))?.mtimeMs ?? Number.POSITIVE_INFINITY;
    if (Date.now() - changedMs > staleAfterMs) await rm(partial, { force: true });
  }
}

const noteOf = (path: string) => `${path}.verified`;

async function remember(path: string, note: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}.partial`;
  try {
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(note);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, noteOf(path));
  } catch {
    // A cache that is only readable (a shared volume): the file is hashed at every start.
    await rm(temporary, { force: true }).catch(() => {});
  }
}

async function fingerprint(path: string, digest: string): Promise<string | undefined> {
  try {
    const { size, mtimeNs, ino } = await stat(path, { bigint: true });
    return JSON.stringify({ digest, size: `${size}`, mtimeNs: `${mtimeNs}`, inode: `${ino}` });
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}

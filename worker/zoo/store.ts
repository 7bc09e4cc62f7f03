import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ZooCacheError, ZooDigestError } from './errors.ts';

const staleAfterMs = 3_600_000;

/**
 * Writes `chunks` as the file `path`, unless their SHA-256 is not `digest` (ZooDigestError). The file appears whole or
 * not at all, and several writers may run at once; a chunk may be overwritten once the next but one is taken. Throws
 * ZooCacheError where the folder can not be written.
 */
export async function writeWhole(path: string, chunks: Iterable<Uint8Array>, digest: string): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.partial`);
  try {
    await mkdir(dirname(path), { recursive: true });
    await removeStale(path);
    const actual = await writeSynced(temporary, chunks);
    if (actual !== digest)
      throw new ZooDigestError(path, actual, digest, 'this machine draws other weights, please report');
    const note = await fingerprint(temporary, digest);
    await rename(temporary, path);
    if (note !== undefined) await remember(path, note);
  } catch (error) {
    throw error instanceof ZooDigestError ? error : new ZooCacheError(path, error);
  } finally {
    await rm(temporary, { force: true }).catch(() => {});
  }
}

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

const noteOf = (path: string) => `${path}.verified`;

async function remember(path: string, note: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}.partial`;
  try {
    await writeSynced(temporary, [Buffer.from(note)]);
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

/** A writer that was killed leaves its unfinished file; one that is still at work changed it within the hour. */
async function removeStale(path: string): Promise<void> {
  const folder = dirname(path);
  for (const name of await readdir(folder)) {
    if (!name.startsWith(`.${basename(path)}.`) || !name.endsWith('.partial')) continue;
    const partial = join(folder, name);
    const changedMs = (await stat(partial).catch(() => undefined))?.mtimeMs ?? Number.POSITIVE_INFINITY;
    if (Date.now() - changedMs > staleAfterMs) await rm(partial, { force: true });
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

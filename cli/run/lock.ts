import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { UsageError } from '../errors.ts';

/**
 * Takes a lock file for this process until it is disposed of. A lock whose process is gone is taken over. Throws
 * `UsageError` while another process holds it, or is about to take it over.
 */
export async function takeLock(file: string): Promise<AsyncDisposable> {
  // A link makes the lock appear with its content: an empty one would look like one whose process is gone.
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, await identity(process.pid));
  try {
    while (!(await takeFree(draft, file)) && !(await takeOver(draft, file)));
  } finally {
    await rm(draft, { force: true });
  }
  return { [Symbol.asyncDispose]: () => rm(file, { force: true }) };
}

async function takeFree(draft: string, file: string): Promise<boolean> {
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
    return false;
  }
}

/**
 * Replaces a lock whose process is gone. Between a look at it and its replacement another process might do the same, and
 * lose its lock to this one; so that is done by one at a time, under a lock of its own.
 */
async function takeOver(draft: string, file: string): Promise<boolean> {
  if ((await look(file)) === 'free') return false;
  await using _turn = await takeLock(`${file}.takeover`);
  if ((await look(file)) === 'free') return false;
  await rename(draft, file);
  return true;
}

/** Throws `UsageError` where the process that holds a lock is running. */
async function look(file: string): Promise<'free' | 'left behind'> {
  let holder: string;
  try {
    holder = await readFile(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return 'free';
    throw error;
  }
  const pid = Number.parseInt(holder, 10);
  if (pid > 0 && (await identity(pid)) === holder) {
    throw new UsageError(`${file}: process ${pid} is running in this folder; wait for it or choose another --output`);
  }
  return 'left behind';
}

/** Process id and, where the system tells it, when it started: a process that got an old id is another one. */
async function identity(pid: number): Promise<string> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!hasCode(error, 'EPERM')) return `${pid} gone`;
  }
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // proc(5): after the name in parentheses, the start time is the 20th field.
  const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? 'unknown';
  return `${pid} ${started}`;
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

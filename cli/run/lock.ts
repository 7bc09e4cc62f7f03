import { randomUUID } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { UsageError } from '../errors.ts';

/**
 * Takes a lock file for this process until it is disposed of. A lock whose process is gone is taken over. Throws
 * `UsageError` while another process holds it.
 */
export async function takeLock(file: string): Promise<AsyncDisposable> {
  const mine = await identity(process.pid);
  // A link makes the lock appear with its content: an empty one would look like one whose process is gone.
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, mine);
  try {
    for (;;) {
      try {
        await link(draft, file);
        break;
      } catch (error) {
        if (!isExisting(error)) throw error;
      }
      const holder = await readFile(file, 'utf8').catch(() => '');
      const pid = Number.parseInt(holder, 10);
      if (pid > 0 && (await identity(pid)) === holder) {
        throw new UsageError(
          `${file}: process ${pid} is running in this folder; wait for it or choose another --output`,
        );
      }
      await rm(file, { force: true });
    }
  } finally {
    await rm(draft, { force: true });
  }
  return { [Symbol.asyncDispose]: () => rm(file, { force: true }) };
}

/** Process id and, where the system tells it, when it started: a process that got an old id is another one. */
async function identity(pid: number): Promise<string> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return `${pid} gone`;
  }
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // proc(5): after the name in parentheses, the start time is the 20th field.
  const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? 'unknown';
  return `${pid} ${started}`;
}

function isExisting(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST';
}

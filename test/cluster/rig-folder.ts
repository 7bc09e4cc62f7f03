import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const prefix = 'splitlab-cluster-';
let made = 0;

/** A name for what belongs to one test cluster of this process, and can be told from what a dead process left. */
export async function ownName(): Promise<string> {
  made += 1;
  return `${prefix}${process.pid}-${await startOf(process.pid)}-${made}`;
}

/** Makes a cluster's folder: for keys, logs and data. */
export async function makeRigFolder(name: string): Promise<string> {
  const folder = join(tmpdir(), name);
  await mkdir(folder, { mode: 0o700 });
  return folder;
}

/** Whether a name was made by {@link ownName} in a process that is gone. */
export async function isLeftOver(name: string): Promise<boolean> {
  const [, pid, start] = new RegExp(`^${prefix}(\\d+)-(\\d+)-\\d+$`).exec(name) ?? [];
  return pid !== undefined && (await startOf(Number(pid))) !== start;
}

/** Removes the folders of clusters whose process was killed; their processes and networks ended with it. */
export async function sweepFolders(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (await isLeftOver(name)) await rm(join(tmpdir(), name), { recursive: true, force: true });
  }
}

/** When a process started, in the system's ticks; a process that got an old id has another. 0 where it cannot be told. */
async function startOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // proc(5): after the name in parentheses, the start time is the 20th field.
  const start = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  if (start !== undefined) return start;
  try {
    process.kill(pid, 0);
    return '0';
  } catch {
    return 'gone';
  }
}

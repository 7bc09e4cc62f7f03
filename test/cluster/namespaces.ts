import { readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { command } from './command.ts';
import { type ClusterProcess, startProcess } from './process.ts';

/**
 * A network namespace. A process that does nothing holds it, so that with that process the kernel takes away the
 * namespace and every interface in it, however this process ends.
 */
export interface NetworkNamespace extends AsyncDisposable {
  /** A process in it: the namespace's name for `ip link ... netns`. */
  readonly pid: number;
  /** A command line that runs a program in it. */
  readonly through: readonly string[];
  /** Runs lines of `ip` commands (`ip -batch`). */
  ip(...lines: readonly string[]): Promise<void>;
}

export async function makeNetworkNamespace(name: string, folder: string): Promise<NetworkNamespace> {
  const holder = await startProcess({
    name: `network of ${name}`,
    file: 'unshare',
    args: ['--net', 'sleep', 'infinity'],
    logFile: join(folder, 'network.log'),
  });
  const namespace = `/proc/${holder.pid}/ns/net`;
  const ours = await readlink('/proc/self/ns/net');
  await holder.until(async () => (await readlink(namespace).catch(() => ours)) !== ours, 5_000);
  const through = ['nsenter', `--net=${namespace}`];
  return {
    pid: holder.pid,
    through,
    async ip(...lines) {
      await command(through[0] ?? '', [...through.slice(1), 'ip', '-batch', '-'], { input: lines.join('\n') });
    },
    [Symbol.asyncDispose]: () => holder.kill(),
  };
}

/** The process that `unshare --pid --fork` has started as the first of its namespace. */
export async function firstChild(process: ClusterProcess): Promise<number> {
  let child = 0;
  await process.until(async () => {
    const children = await readFile(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8').catch(() => '');
    child = Number.parseInt(children, 10) || 0;
    return child > 0;
  }, 5_000);
  return child;
}

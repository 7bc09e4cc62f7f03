import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  /** Why the processes are not pinned; null where this one is. */
  readonly unpinned: string | null;
}

/** Cores for each process of a run whose sides share a host. */
export type PinningPlan =
  | { readonly unpinned: string }
  | {
      readonly unpinned: null;
      readonly local: readonly number[];
      readonly remote: readonly number[];
      readonly link: readonly number[];
    };

/**
 * Divides the cores that the run may use: one per thread of inference and side, one for the link, and
 * one that is left to the broker and everything else. With
 * fewer cores nothing is pinned: a pinned process cannot move away from a busy core, which costs more than the steadier
 * cache gains (docs/decisions/0032-pinning.md). Cores are given out in the order of `cores`.
 */
export function pinningPlan(cores: readonly number[], localThreads: number, remoteThreads: number): PinningPlan {
  const needed = localThreads + remoteThreads + 2;
  if (cores.length < needed) {
    return {
      unpinned: `${cores.length} cores for ${needed} threads that compute or carry data: processes stay unpinned`,
    };
  }
  const [remoteFrom, linkFrom] = [localThreads, localThreads + remoteThreads];
  return {
    unpinned: null,
    local: cores.slice(0, remoteFrom),
    remote: cores.slice(remoteFrom, linkFrom),
    link: cores.slice(linkFrom, linkFrom + 1),
  };
}

/**
 * The command that starts a process on these cores alone. `taskset` (util-linux, busybox) is the path of that program,
 * which replaces itself with the command, so that the process identifier stays; Node itself cannot set an affinity.
 * Without it, or without cores, the command comes back as it was, with the reason.
 */
export function pinnedCommand(
  command: string,
  args: readonly string[],
  cores: readonly number[],
  taskset: string | null,
): Command {
  if (cores.length === 0) return { command, args, unpinned: 'no cores to pin to' };
  if (taskset === null)
    return { command, args, unpinned: 'taskset is not on PATH: install util-linux to pin processes' };
  return { command: taskset, args: ['-c', cores.join(','), command, ...args], unpinned: null };
}

/** Where `taskset` is on a search path such as `$PATH`; null where it is not. */
export async function findTaskset(searchPath: string): Promise<string | null> {
  for (const folder of searchPath.split(delimiter)) {
    const file = join(folder, 'taskset');
    const runs = folder !== '' && (await access(file, constants.X_OK).then(yes, no));
    if (runs) return file;
  }
  return null;
}

const yes = () => true;
const no = () => false;

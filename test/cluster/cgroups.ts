import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { exists } from '../../cli/programs/cached.ts';
import { isLeftOver } from './rig-folder.ts';

const mountPoint = '/sys/fs/cgroup';

/** Makes a cgroup named `<rig>/<node>` in every hierarchy and gives the files that take a process into it. */
export async function makeCgroups(rig: string, node: string): Promise<string[]> {
  const groups = (await hierarchies()).map((hierarchy) => join(hierarchy, rig, node));
  for (const group of groups) {
    await mkdir(group, { recursive: true });
    if (await exists(join(mountPoint, 'cgroup.controllers'))) await delegate(group);
    else await inheritCpus(group);
  }
  return groups.map((group) => join(group, 'cgroup.procs'));
}

/** Removes the cgroups of a rig or, with `node`, of one node and its pods; none may have processes. */
export async function removeCgroups(rig: string, node = ''): Promise<void> {
  for (const hierarchy of await hierarchies()) await removeTree(join(hierarchy, rig, node));
}

/** Removes the cgroups of rigs whose process was killed; gives those in which something is still about to end. */
export async function sweepCgroups(): Promise<string[]> {
  const left: string[] = [];
  for (const hierarchy of await hierarchies()) {
    for (const name of await readdir(hierarchy)) {
      if (!(await isLeftOver(name))) continue;
      const group = join(hierarchy, name);
      await removeTree(group);
      if (await exists(group)) left.push(group);
    }
  }
  return left;
}

/** One folder with version 2; with version 1 one per controller. */
async function hierarchies(): Promise<string[]> {
  if (await exists(join(mountPoint, 'cgroup.controllers'))) return [mountPoint];
  const names = await readdir(mountPoint).catch(() => []);
  const folders = [...new Set(names)].map((name) => join(mountPoint, name));
  const isHierarchy = await Promise.all(folders.map((folder) => exists(join(folder, 'cgroup.procs'))));
  return folders.filter((_, index) => isHierarchy[index]);
}

/** Version 2: a group has the controllers that its parents pass on. */
async function delegate(group: string): Promise<void> {
  for (const parent of [dirname(dirname(group)), dirname(group)]) {
    for (const controller of ['cpu', 'cpuset', 'memory', 'pids', 'io']) {
      await writeFile(join(parent, 'cgroup.subtree_control'), `+${controller}`).catch(() => {});
    }
  }
}

/** Version 1: a new cpuset is empty, and takes no process until it is filled. */
async function inheritCpus(group: string): Promise<void> {
  for (const name of ['cpuset.cpus', 'cpuset.mems']) {
    const rig = dirname(group);
    if (!(await exists(join(rig, name)))) return;
    const all = await readFile(join(dirname(rig), name));
    for (const folder of [rig, group]) await writeFile(join(folder, name), all);
  }
}

async function removeTree(group: string): Promise<void> {
  const entries = await readdir(group, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) if (entry.isDirectory()) await removeTree(join(group, entry.name));
  // Already gone, or a process in it is about to end: a later sweep takes it.
  await rmdir(group).catch(() => {});
}

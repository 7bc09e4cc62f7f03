/**
 * Parsers of what Linux tells about a process in text (man 5 proc; cgroup v2: Documentation/admin-guide/cgroup-v2.rst
 * in the kernel's source). What is not there, or not a number, is null: never a made-up zero.
 */

/** Clock ticks per second in `/proc/stat`: USER_HZ, 100 on every architecture that Node runs on. */
const ticksPerSecond = 100;

/** A field of `/proc/<pid>/status` or `/proc/meminfo` that is given in kB, in bytes. */
export function kilobytesField(text: string, field: string): number | null {
  const kilobytes = matchNumber(text, new RegExp(`^${field}:[ \\t]+(\\d+) kB$`, 'm'));
  return kilobytes === null ? null : kilobytes * 1024;
}

/** Memory of a process that is its own: anonymous pages and shared memory, but no mapped files. */
export function ownMemoryBytes(status: string): number | null {
  const anonymous = kilobytesField(status, 'RssAnon');
  const shared = kilobytesField(status, 'RssShmem');
  return anonymous === null || shared === null ? null : anonymous + shared;
}

/** The list of cores in `/proc/<pid>/status`, as it stands there: `0-3,8`. */
export function allowedCores(status: string): string | null {
  return status.match(/^Cpus_allowed_list:[ \t]+(\d[\d,-]*)$/m)?.[1] ?? null;
}

/** The cores that a list such as `0-3,8` names; null where it is malformed. */
export function parseCoreList(list: string): number[] | null {
  const cores: number[] = [];
  for (const part of list.split(',')) {
    const [, from, to] = part.match(/^(\d{1,5})(?:-(\d{1,5}))?$/) ?? [];
    if (from === undefined) return null;
    for (let core = Number(from); core <= Number(to ?? from); core++) cores.push(core);
  }
  return cores;
}

/** Time that the host's hypervisor took from these cores since it started, from `/proc/stat`. */
export function stealSeconds(stat: string, cores: readonly number[]): number | null {
  const ticks = cores.map((core) => matchNumber(stat, new RegExp(`^cpu${core}(?: \\d+){7} (\\d+)`, 'm')));
  if (ticks.length === 0 || ticks.includes(null)) return null;
  return ticks.reduce<number>((sum, value) => sum + (value ?? 0), 0) / ticksPerSecond;
}

/** The folder of a process's cgroup v2 under its mount point, from `/proc/<pid>/cgroup`; null under version 1 alone. */
export function cgroupFolder(cgroup: string): string | null {
  return cgroup.match(/^0::(\/.*)$/m)?.[1] ?? null;
}

/** Time that a CPU quota held the group's threads back, from a cgroup v2 `cpu.stat`; a root group has none. */
export function throttledSeconds(cpuStat: string): number | null {
  const microseconds = matchNumber(cpuStat, /^throttled_usec (\d+)$/m);
  return microseconds === null ? null : microseconds / 1e6;
}

function matchNumber(text: string, pattern: RegExp): number | null {
  const found = text.match(pattern)?.[1];
  return found === undefined ? null : Number(found);
}

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

/**
 * Where a process's group of the cpu controller is under `/sys/fs/cgroup`, from `/proc/<pid>/cgroup`, most likely first.
 * In a container the mount may show its own group as the root, whatever the path says.
 */
export function cpuGroups(cgroup: string): readonly string[] {
  const [, controllers, path] = cgroup.match(/^\d+:((?:[^:\n]+,)?cpu(?:,[^:\n]+)?):(\/.*)$/m) ?? [];
  if (controllers !== undefined && path !== undefined) {
    return [...new Set([controllers, 'cpu'])].flatMap((mount) => [`${mount}${path}`, mount]);
  }
  const unified = cgroup.match(/^0::(\/.*)$/m)?.[1];
  return unified === undefined ? [] : [unified, ''];
}

/** Time that a CPU quota held the group's threads back, from a `cpu.stat` of version 1 or 2; a root group has none. */
export function throttledSeconds(cpuStat: string): number | null {
  const microseconds = matchNumber(cpuStat, /^throttled_usec (\d+)$/m);
  if (microseconds !== null) return microseconds / 1e6;
  const nanoseconds = matchNumber(cpuStat, /^throttled_time (\d+)$/m);
  return nanoseconds === null ? null : nanoseconds / 1e9;
}

/** The cores' worth of time that a group may use, from `cpu.max` (version 2); null where there is no quota. */
export function cpuQuota(cpuMax: string): number | null {
  const [, quota, period] = cpuMax.match(/^(\d+) (\d+)$/m) ?? [];
  return quota === undefined || Number(period) === 0 ? null : Number(quota) / Number(period);
}

function matchNumber(text: string, pattern: RegExp): number | null {
  const found = text.match(pattern)?.[1];
  return found === undefined ? null : Number(found);
}

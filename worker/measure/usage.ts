import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { monotonicMs } from './now.ts';
import * as proc from './proc.ts';

/** What a process used from one moment to another. Null is what this system does not tell. */
export interface Usage {
  readonly wallSeconds: number;
  /** CPU time of all threads of the process, in user and system mode. */
  readonly cpuSeconds: number;
  /** Share of the cores that the process may run on, or of its quota: 1 is all of it used all the time. */
  readonly cpuUtilization: number;
  /** Time that a CPU quota held the process's group (in a pod the container) back. */
  readonly throttledSeconds: number | null;
  /**
   * The largest sample of anonymous and shared memory that was resident: weights that ONNX Runtime maps from the model's
   * file and the program's own code are not in it, since the kernel drops and reloads them at will. A peak shorter than
   * the sampling interval may be missed.
   */
  readonly memoryPeakBytes: number | null;
  /** Time that the hypervisor took from the cores that the process may run on. */
  readonly stealSeconds: number | null;
  /** How often a thread of the process lost its core to another one. */
  readonly involuntarySwitches: number | null;
}

export interface UsageMeter extends Disposable {
  /** Looks at the memory now: right after what may be a peak. */
  sample(): void;
  /** What was used since the start. */
  stop(): Usage;
}

/** Where Linux tells; other roots are for tests. */
export interface UsageSources {
  readonly procFolder: string;
  readonly cgroupFolder: string;
}

const linux: UsageSources = { procFolder: '/proc', cgroupFolder: '/sys/fs/cgroup' };

/** Starts to measure this process; the memory is looked at every `intervalMs` (one look takes about 0.03 ms). */
export function startUsage(intervalMs = 100, sources: UsageSources = linux): UsageMeter {
  const read = (...path: string[]) => readText(join(...path));
  const status = () => read(sources.procFolder, 'self', 'status');
  const cores = proc.parseCoreList(proc.allowedCores(status()) ?? '');
  const groups = proc.cpuGroups(read(sources.procFolder, 'self', 'cgroup'));
  const group = groups.find((folder) => read(sources.cgroupFolder, folder, 'cpu.stat') !== '') ?? null;
  const ofGroup = (file: string) => (group === null ? '' : read(sources.cgroupFolder, group, file));
  const quota =
    proc.cpuQuota(ofGroup('cpu.max')) ??
    proc.cpuQuota(`${ofGroup('cpu.cfs_quota_us').trim()} ${ofGroup('cpu.cfs_period_us').trim()}`);
  const usableCores = Math.min(cores?.length ?? availableParallelism(), quota ?? Number.POSITIVE_INFINITY);
  const counters = () => ({
    wallMs: monotonicMs(),
    cpu: process.cpuUsage(),
    throttled: proc.throttledSeconds(ofGroup('cpu.stat')),
    steal: cores && proc.stealSeconds(read(sources.procFolder, 'stat'), cores),
    // Windows does not count them: libuv says 0.
    switches: process.platform === 'win32' ? null : process.resourceUsage().involuntaryContextSwitches,
  });

  let memoryPeakBytes: number | null = null;
  const sample = () => {
    const bytes = proc.ownMemoryBytes(status());
    if (bytes !== null) memoryPeakBytes = Math.max(memoryPeakBytes ?? 0, bytes);
  };
  sample();
  const timer = setInterval(sample, intervalMs).unref();
  const start = counters();
  return {
    sample,
    stop() {
      clearInterval(timer);
      sample();
      const end = counters();
      const wallSeconds = (end.wallMs - start.wallMs) / 1e3;
      const cpuSeconds = (end.cpu.user + end.cpu.system - start.cpu.user - start.cpu.system) / 1e6;
      return {
        wallSeconds,
        cpuSeconds,
        cpuUtilization: wallSeconds > 0 ? cpuSeconds / wallSeconds / usableCores : 0,
        throttledSeconds: difference(end.throttled, start.throttled),
        memoryPeakBytes,
        stealSeconds: difference(end.steal, start.steal),
        involuntarySwitches: difference(end.switches, start.switches),
      };
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

function difference(end: number | null, start: number | null): number | null {
  return end === null || start === null ? null : end - start;
}

/** Empty where the file is not there, as outside Linux. */
function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

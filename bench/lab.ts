import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { recordSchema, type VisitRecord } from '../api/record/record.ts';
import { type Phases, phasesSchema } from '../worker/local/phases.ts';

/** What a run of the product left behind, and what was seen of it from outside. */
export interface Run {
  readonly seconds: number;
  readonly records: readonly VisitRecord[];
  /** In the order in which the visits were made; those that failed early leave none. */
  readonly phases: readonly Phases[];
  /** The largest sample of a worker's anonymous and shared memory over its whole life; NaN outside Linux. */
  readonly memoryPeakBytes: { readonly local: number; readonly remote: number };
}

const root = fileURLToPath(new URL('..', import.meta.url));
const sampleEveryMs = 50;

/** Runs `splitlab run` on a manifest as a user would, with further `options`, in a folder that is removed afterwards. */
export async function runManifest(manifest: string, options: readonly string[] = []): Promise<Run> {
  const folder = await mkdtemp(join(tmpdir(), 'splitlab-bench-'));
  try {
    const startMs = performance.now();
    const command = [join(root, 'cli', 'main.ts'), 'run', manifest, '--output', join(folder, 'run'), ...options];
    const child = spawn(process.execPath, command, {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, SPLITLAB_LOG_LEVEL: 'debug' },
    });
    const memory = watchMemory(child.pid ?? 0);
    const [status] = await once(child, 'close');
    const memoryPeakBytes = memory.stop();
    const seconds = (performance.now() - startMs) / 1000;
    // 1: some visits were rejected, which the rows say.
    if (status !== 0 && status !== 1) throw new Error(`splitlab run ${manifest} ended with status ${status}`);
    const text = (...path: string[]) => readFile(join(folder, 'run', ...path), 'utf8');
    const records = lines(await text('results.jsonl')).map((line) => recordSchema.parse(line));
    const log = lines(await text('logs', 'local.log'));
    const phases = log.flatMap((line) => ('phases' in line ? phasesSchema.parse(line.phases) : []));
    return { seconds, records, phases, memoryPeakBytes };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function lines(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter((line) => line.length > 0)
    .map((line) => JSON.parse(line));
}

/** Looks at the memory of a command's workers from outside, as long as they live. */
function watchMemory(command: number): { stop(): Run['memoryPeakBytes'] } {
  const peaks = { local: Number.NaN, remote: Number.NaN };
  let busy = Promise.resolve();
  const timer = setInterval(() => {
    busy = busy.then(sample, () => {});
  }, sampleEveryMs);
  const sample = async () => {
    for (const pid of await children(command)) {
      const side = await sideOf(pid);
      if (side === null) continue;
      const bytes = memoryOf(await readFile(`/proc/${pid}/status`, 'utf8').catch(() => ''));
      peaks[side] = Math.max(Number.isNaN(peaks[side]) ? 0 : peaks[side], bytes);
    }
  };
  return {
    stop() {
      clearInterval(timer);
      return peaks;
    },
  };
}

async function children(parent: number): Promise<string[]> {
  const tasks = await readdir(`/proc/${parent}/task`).catch(() => []);
  const lists = await Promise.all(
    tasks.map((task) => readFile(`/proc/${parent}/task/${task}/children`, 'utf8').catch(() => '')),
  );
  return lists.flatMap((list) => list.split(' ').filter((pid) => pid.length > 0));
}

async function sideOf(pid: string): Promise<'local' | 'remote' | null> {
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return command.includes('worker/local/main') ? 'local' : command.includes('worker/remote/main') ? 'remote' : null;
}

function memoryOf(status: string): number {
  const kilobytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
  return (kilobytes('RssAnon') + kilobytes('RssShmem')) * 1024;
}

/** Plans one model and says what it took: `planning-process.ts <model>`, the answer over IPC. Linux tells the bytes. */
import { readFileSync, writeFileSync } from 'node:fs';
import { planModel } from '../worker/onnx/plan.ts';
import { readModel } from '../worker/onnx/read.ts';
import { headStub, tailStub } from '../worker/onnx/submodels.ts';

export interface Planned {
  readonly cuts: number;
  readonly planMs: number;
  readonly stubsMs: number;
  readonly cpuMs: number;
  readonly peakBytes: number;
  readonly stubBytes: number;
  readonly readBytes: number;
  readonly writtenBytes: number;
}

const [path = ''] = process.argv.slice(2);
const field = (file: string, name: string) => {
  const text = readFileSync(`/proc/self/${file}`, 'utf8');
  return Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1]);
};
// From here on the peak (VmHWM) counts anew; man 5 proc_pid_clear_refs.
writeFileSync('/proc/self/clear_refs', '5');
const residentKb = field('status', 'VmRSS');
const readBefore = field('io', 'rchar');
const writtenBefore = field('io', 'write_bytes');

const cpuBefore = process.cpuUsage();
const startMs = performance.now();
const plan = await planModel(await readModel(path), { cuts: { selection: 'All' } });
const plannedMs = performance.now();
const stubs = plan.cuts.flatMap((cut) => [headStub(plan, cut), tailStub(plan, cut)]);
const stubsMs = performance.now() - plannedMs;
const { user, system } = process.cpuUsage(cpuBefore);

process.send?.({
  cuts: plan.cuts.length,
  planMs: plannedMs - startMs,
  stubsMs,
  cpuMs: (user + system) / 1000,
  readBytes: field('io', 'rchar') - readBefore,
  writtenBytes: field('io', 'write_bytes') - writtenBefore,
  peakBytes: (field('status', 'VmHWM') - residentKb) * 1024,
  stubBytes: stubs.reduce((sum, { bytes }) => sum + bytes.length, 0),
} satisfies Planned);

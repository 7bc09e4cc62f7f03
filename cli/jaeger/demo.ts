// Runs an experiment with a Jaeger beside it, and shows its slowest inference in both: `node cli/jaeger/demo.ts [FILE]`.
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exitStatus, UsageError } from '../errors.ts';
import type { Io } from '../io.ts';
import { runCommand } from '../run/run.ts';
import { Interrupted, stopSignal } from '../stop.ts';
import { openFolder } from '../trace/folder.ts';
import type { TraceSource } from '../trace/source.ts';
import { traceCommand } from '../trace/trace.ts';
import { startJaegerServer } from './server.ts';

const quickstart = fileURLToPath(new URL('../../examples/quickstart.yaml', import.meta.url));

/**
 * Runs a manifest into `output` with a Jaeger that lives until the signal aborts, prints where the slowest inference is
 * seen there and its waterfall. Gives the exit status of the run. Throws what the run throws, and `ProgramMissing`.
 */
export async function demoTraces(file: string, output: string, io: Io, signal: AbortSignal): Promise<number> {
  await using jaeger = await startJaegerServer(signal);
  const { HttpProtobuf: endpoint } = jaeger.endpoints;
  io.stderr.write(`Jaeger takes traces at ${endpoint}\n`);
  const status = await runCommand(file, { output, set: [`spec.telemetry.endpoint=${endpoint}`], bind: [] }, io, signal);
  if (status !== exitStatus.done && status !== exitStatus.incomplete) return status;
  const source = await openFolder(output, signal);
  const id = await slowestTrace(source);
  const api = `${jaeger.queryUrl}/api/v3/traces/${id}`;
  const answer = await fetch(api, { signal });
  await answer.arrayBuffer();
  const has = answer.ok ? '' : ` (it does not have it: ${answer.status})`;
  io.stdout.write('\nThe slowest inference:\n\n');
  await traceCommand(source, { id }, io);
  const page = jaeger.hasPages
    ? `its page   ${jaeger.queryUrl}/trace/${id}\n`
    : `its pages  none: Jaeger built from its Go module has the API alone; put a release's jaeger on PATH to see them\n`;
  io.stdout.write(`\nThe same in Jaeger${has}, until Ctrl-C:\n${page}its API    ${api}\n`);
  if (!signal.aborted) await once(signal, 'abort');
  return status;
}

/** The trace of the inference that took longest of all. Throws `UsageError` where nothing was measured. */
async function slowestTrace(source: TraceSource): Promise<string> {
  let slowest: { readonly traceId: string; readonly totalMs: number } | null = null;
  for await (const line of source.samples()) {
    const { traceId, totalMs } = line.read();
    if (slowest === null || totalMs > slowest.totalMs) slowest = { traceId, totalMs };
  }
  if (!slowest) throw new UsageError(`${source.name} has no inference`);
  return slowest.traceId;
}

if (import.meta.main) {
  const [file = quickstart, folder] = process.argv.slice(2);
  // Jaeger's port is another one each time, and so is the manifest: it is never the run that a folder holds.
  const output =
    folder ?? join('splitlab-results', `traces-${new Date().toISOString().slice(0, 19).replaceAll(':', '')}`);
  const io = { stdin: process.stdin, stdout: process.stdout, stderr: process.stderr };
  try {
    process.exitCode = await demoTraces(file, output, io, stopSignal());
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = error instanceof Interrupted ? error.exitStatus : exitStatus.failed;
  }
}

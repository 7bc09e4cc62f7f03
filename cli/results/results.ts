import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { experimentItemSchema } from '../../api/results/experiment.ts';
import { resultsSummarySchema } from '../../api/results/summary.ts';
import { messageOf } from '../cluster/api-server.ts';
import { ask, bodyOf, type Reach, type Subject } from '../cluster/ask.ts';
import { ClusterError } from '../cluster/errors.ts';
import { exitStatus } from '../errors.ts';
import type { Io } from '../io.ts';
import { printResults } from '../run/report.ts';
import { describeStatus } from './outcome.ts';

export const formats = ['table', 'jsonl', 'samples', 'summary', 'json'] as const;
export type Format = (typeof formats)[number];

export interface ResultsOptions {
  readonly format: Format;
  /** A file instead of standard output. */
  readonly output?: string;
}

const parts = { jsonl: 'results.jsonl', samples: 'samples.csv', summary: 'summary.csv', json: undefined } as const;

/** Prints what an experiment has measured so far. Gives the exit status: 1 where visits are missing from it. */
export async function resultsCommand(
  reach: Reach,
  subject: Subject,
  { format, output }: ResultsOptions,
  io: Io & { readonly stdout: NodeJS.WritableStream },
  signal: AbortSignal,
): Promise<number> {
  if (format !== 'table') {
    const answer = await ask(reach, subject, parts[format], { signal });
    await save(answer, output, io.stdout, signal);
    return exitStatus.done;
  }
  const report = await bodyOf(await ask(reach, subject, 'summary', { signal }), resultsSummarySchema);
  if (report.rows.length === 0) {
    const { status } = await bodyOf(await ask(reach, subject, undefined, { signal }), experimentItemSchema);
    io.stderr.write(`no results yet: ${describeStatus(status)}\n`);
    return exitStatus.incomplete;
  }
  let text = '';
  const { name, namespace } = subject;
  const trace = { command: (traceId: string) => `kubectl split trace ${name} ${traceId} --namespace ${namespace}` };
  printResults({ ...report, trace }, { write: (part) => (text += part) });
  await save([text], output, io.stdout, signal);
  const { planned, accepted } = report.visits;
  return report.incomplete.length > 0 || planned === null || accepted < planned
    ? exitStatus.incomplete
    : exitStatus.done;
}

/** A file is there whole or not at all. */
async function save(
  source: AsyncIterable<Uint8Array> | Iterable<string>,
  file: string | undefined,
  stdout: NodeJS.WritableStream,
  signal: AbortSignal,
): Promise<void> {
  try {
    if (file === undefined) return await pipeline(source, stdout, { signal, end: false });
    await pipeline(source, createWriteStream(`${file}.new`), { signal });
    await rename(`${file}.new`, file);
  } catch (cause) {
    if (file !== undefined) await rm(`${file}.new`, { force: true });
    signal.throwIfAborted();
    if (cause instanceof Error && 'code' in cause && cause.code === 'EPIPE') return;
    throw new ClusterError('BrokenOff', `the results broke off: ${messageOf(cause)}; ask again`, { cause });
  }
}

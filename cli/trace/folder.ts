import { createReadStream } from 'node:fs';
import { access, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { UsageError } from '../errors.ts';
import { type RunFile, readRun } from '../run/folder.ts';
import { readRecordLines, readSampleLines } from './lines.ts';
import { openRunning } from './running.ts';
import type { TraceSource } from './source.ts';
import { sumUp } from './trials.ts';

/** Where runs lie unless they were told another place. */
const defaultFolder = 'splitlab-results';

/**
 * Opens a run's folder; without one the newest run below `splitlab-results`. A run that goes on is asked through its
 * store. Throws `UsageError` where there is no run, or nothing of it to see yet.
 */
export async function openFolder(folder: string | undefined, signal: AbortSignal): Promise<TraceSource> {
  const path = resolve(folder ?? (await newestRun(defaultFolder)));
  const run = await readRun(path);
  if (!run) throw new UsageError(`there is no run in ${path}: give its folder with --output DIR`);
  const running = run.finishedAt === null ? await openRunning(path, signal) : null;
  if (running) return running;
  if (await isThere(join(path, 'results.jsonl'))) return filesOf(path);
  throw new UsageError(`the run in ${path} has written no results and is not running: finish it with --resume`);
}

function filesOf(path: string): TraceSource {
  const [recordsFile, samplesFile] = [join(path, 'results.jsonl'), join(path, 'samples.csv')];
  const records = () => readRecordLines(createReadStream(recordsFile), recordsFile);
  const samples = () => readSampleLines(createReadStream(samplesFile), samplesFile);
  return { name: path, records, samples, trials: () => sumUp({ records, samples }) };
}

async function newestRun(parent: string): Promise<string> {
  const names = await readdir(parent).catch(() => []);
  let newest: { readonly path: string; readonly run: RunFile } | undefined;
  for (const name of names) {
    const path = join(parent, name);
    const run = await readRun(path).catch(() => null);
    if (run && (!newest || run.startedAt > newest.run.startedAt)) newest = { path, run };
  }
  if (newest) return newest.path;
  throw new UsageError(`there is no run in ${resolve(parent)}: give a run's folder with --output DIR`);
}

async function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

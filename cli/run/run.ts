import { resolve } from 'node:path';
import { pino } from 'pino';
import { formatProblem } from '../../api/manifest/problem.ts';
import { addTallies, describeLoss, type SpanTally } from '../../api/messages/spans.ts';
import { subjects } from '../../api/subjects.ts';
import { formatTraceparent } from '../../api/trace/context.ts';
import { toolVersion } from '../../api/version.ts';
import { openStore } from '../../store/store.ts';
import { cacheFolder } from '../../worker/cache.ts';
import { monotonicMs } from '../../worker/measure/now.ts';
import type { Step } from '../../worker/steps.ts';
import { openConnection } from '../../worker/transport/connection.ts';
import { exitStatus } from '../errors.ts';
import type { Io } from '../io.ts';
import { loadManifest, type ManifestOptions } from '../manifest.ts';
import { showFetching } from './fetching.ts';
import { openRunFolder, type RunFolder } from './folder.ts';
import { followRun } from './follow.ts';
import { type Prepared, prepareRun } from './prepare.ts';
import { startProcesses } from './processes.ts';
import { showProgress } from './progress.ts';
import { printResults, resultsJson, type TraceHint } from './report.ts';
import { collectResults, type RunResults } from './results.ts';
import { tellRun, tellUnprepared } from './tell.ts';
import { type RunTrace, runTrace, type TracedRun } from './trace.ts';

export interface RunOptions extends ManifestOptions {
  readonly output?: string;
  readonly resume?: boolean;
  readonly json?: boolean;
}

/** A NATS server that does not come back within this time is not worth waiting for. */
const storePatienceMs = 10_000;

/** Runs the experiment of a manifest on this machine and prints what came out. Gives the exit status. */
export async function runCommand(file: string, options: RunOptions, io: Io, signal: AbortSignal): Promise<number> {
  const { manifest, problems, warnings, folder, binds } = await loadManifest(file, options, io.stdin);
  signal.throwIfAborted();
  for (const warning of warnings) io.stderr.write(`warning: ${formatProblem(warning)}\n`);
  if (!manifest || problems.length > 0) {
    for (const problem of problems) io.stderr.write(`${formatProblem(problem)}\n`);
    return exitStatus.usage;
  }
  const startedMs = monotonicMs();
  const steps: Step[] = [];
  const onProgress = showFetching(io.stderr, () => performance.now());
  const onStep = (step: Step) => void steps.push(step);
  const places = { folder, binds, cacheFolder: cacheFolder(), signal, onProgress, onStep };
  const prepared = await prepareRun(manifest, places).catch(async (failure: unknown) => {
    await tellUnprepared({ manifest, steps, startedMs, failure }, binds, io);
    throw failure;
  });
  for (const warning of prepared.plan.warnings) io.stderr.write(`warning: ${warning}\n`);
  await using output = await openRunFolder({
    path: resolve(options.output ?? `splitlab-results/${manifest.metadata.name}`),
    name: manifest.metadata.name,
    manifestDigest: prepared.digest,
    toolVersion,
    resume: options.resume ?? false,
    now: () => new Date(),
  });
  if (output.movedTo) io.stderr.write(`the results of the last run are now in ${output.movedTo}\n`);
  const { TRACEPARENT } = process.env;
  const trace = runTrace(output.run.uid, output.run.starts, TRACEPARENT);
  if (TRACEPARENT && !trace.parent) io.stderr.write('warning: TRACEPARENT is no W3C traceparent and is left out\n');
  const { results, spans } = await traced(
    { trace, manifest: prepared.manifest, uid: output.run.uid, steps, startedMs },
    { folder: output, binds, io },
    (tally) => runIn(output, prepared, { trace, tally }, places, io, signal),
  );
  if (options.json) io.stdout.write(`${JSON.stringify(resultsJson(results))}\n`);
  else printResults({ ...results, trace: traceHint(options.output, prepared.manifest, spans) }, io.stdout);
  return results.incomplete.length > 0 ? exitStatus.incomplete : exitStatus.done;
}

/** How a user of this run looks at an inference; its folder is named where it is not the usual one. */
function traceHint(output: string | undefined, { spec }: Prepared['manifest'], spans: SpanTally | null): TraceHint {
  const folder = output === undefined ? '' : ` --output ${shellWord(output)}`;
  return {
    command: (traceId) => `npx splitlab trace ${traceId}${folder}`,
    ...(spec.telemetry && spans && spans.delivered > 0 && { receiver: spec.telemetry.endpoint }),
  };
}

/** A word as a shell takes it. */
function shellWord(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/**
 * Does the run, tells of it as one span however it ends, and leaves in its folder what became of all spans; of a run that
 * had ended before there is nothing to tell.
 */
async function traced(
  run: Omit<TracedRun, 'endedMs' | 'results' | 'failure'>,
  { folder, binds, io }: { folder: RunFolder; binds: Readonly<Record<string, string>>; io: Io },
  work: (tally: Tally) => Promise<RunResults>,
): Promise<{ readonly results: RunResults; readonly spans: SpanTally | null }> {
  const { telemetry } = run.manifest.spec;
  const tally: Tally = { spans: null };
  if (folder.finished) return { results: await work(tally), spans: folder.run.spans };

  /** Of this start and those before it. */
  const told = async (outcome: Pick<TracedRun, 'results' | 'failure'>) => {
    const { spans } = tally;
    // A receiver that took nothing so far is not waited for once more.
    const isDeaf = spans !== null && spans.delivered === 0 && spans.lost !== 0;
    if (telemetry && !isDeaf) {
      const log = pino({ name: 'run' }, pino.destination({ dest: folder.file('logs', 'run.log'), sync: true }));
      tally.spans = addTallies(spans, await tellRun({ ...run, ...outcome, endedMs: monotonicMs() }, binds, log));
    }
    const all = addTallies(folder.run.spans, tally.spans);
    const loss = all && describeLoss(all);
    const rest = outcome.results ? '; the results are complete, traces of them are not' : '';
    if (loss) io.stderr.write(`${loss}${rest} (logs)\n`);
    return all;
  };

  let results: RunResults;
  try {
    results = await work(tally);
  } catch (failure) {
    await folder.interrupt(await told({ results: null, failure }));
    throw failure;
  }
  const spans = await told({ results, failure: null });
  await folder.finish(spans);
  return { results, spans };
}

/** What became of the spans of all workers that ended; null while none were to be sent. */
interface Tally {
  spans: SpanTally | null;
}

/**
 * Starts the processes, waits until every visit is final, and writes the results; also after an interruption. Of a run
 * that is finished only the store is started.
 */
async function runIn(
  folder: RunFolder,
  { manifest, model, plan }: Prepared,
  { trace, tally }: { readonly trace: RunTrace; readonly tally: Tally },
  places: { readonly folder: string; readonly binds: Readonly<Record<string, string>> },
  io: Io,
  signal: AbortSignal,
): Promise<RunResults> {
  const scope = { cluster: 'local', namespace: manifest.metadata.namespace ?? 'default', uid: folder.run.uid };
  const names = subjects(scope);
  const { backoffLimit, links } = manifest.spec;
  using progress = showProgress(io.stderr, () => performance.now());
  let final = 0;
  await using processes = await startProcesses({
    folder,
    config: {
      experiment: { name: manifest.metadata.name, namespace: scope.namespace },
      scope,
      lane: 0,
      manifest,
      model,
      folder: places.folder,
      binds: places.binds,
      traceparent: formatTraceparent(trace.context),
    },
    firstAttempt: folder.run.starts * 1000,
    withLink: links.some(({ type }) => type !== 'None'),
    restartLimit: backoffLimit,
    progress: () => final,
    onRestart: (name, { signal: killed, code }) =>
      progress.say(`${name} ended (${killed ?? `exit status ${code}`}) and is started again`),
    onSpans: (told) => {
      tally.spans = addTallies(tally.spans, told);
    },
    signal,
  });
  await using connection = await openConnection({ ...processes.nats, name: 'splitlab-run', signal });
  const store = openStore(connection.client, { patienceMs: storePatienceMs });
  await store.ensureStreams();
  const collect = () => collectResults(store, names, plan, manifest.spec, folder);
  if (folder.finished) return await collect();
  const stop = new AbortController();
  const following = followRun(store, names, plan, backoffLimit, stop.signal, (done) => {
    final = done;
    progress.update(done, plan.visits.length);
  });
  try {
    await Promise.race([processes.runWorkers(), following]);
  } catch (error) {
    // What is stored so far is worth having, whatever went wrong.
    await collect().catch(() => {});
    if (signal.aborted) {
      progress.say(`${final} of ${plan.visits.length} visits are stored in ${folder.path}; finish them with --resume`);
    }
    throw error;
  } finally {
    stop.abort();
    await following.catch(() => {});
  }
  return await collect();
}

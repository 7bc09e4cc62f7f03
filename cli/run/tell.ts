import { randomUUID } from 'node:crypto';
import { type Logger, pino } from 'pino';
import { describeLoss, type SpanTally } from '../../api/messages/spans.ts';
import { monotonicMs } from '../../worker/measure/now.ts';
import { openSpanExport } from '../../worker/telemetry.ts';
import type { Io } from '../io.ts';
import { runSpans, runTrace, type TracedRun } from './trace.ts';

type Binds = Readonly<Record<string, string>>;

/** Sends the spans of a run to the receiver of its manifest; null where there is none. Never throws. */
export async function tellRun(run: TracedRun, binds: Binds, log: Logger): Promise<SpanTally | null> {
  const scope = { cluster: 'local', namespace: 'default', uid: run.uid };
  const spans = openSpanExport(run.manifest.spec.telemetry, null, { scope, binds, traceparent: undefined }, log);
  spans.tell(() => runSpans(run));
  return spans.close();
}

/** Tells of a run that failed before it had a folder: nobody else knows its uid, and there is no log to write to. */
export async function tellUnprepared(
  run: Pick<TracedRun, 'manifest' | 'steps' | 'startedMs' | 'failure'>,
  binds: Binds,
  io: Io,
): Promise<void> {
  const uid = randomUUID();
  const trace = runTrace(uid, 1, process.env.TRACEPARENT);
  const outcome = { results: null, endedMs: monotonicMs() };
  const tally = await tellRun({ ...run, ...outcome, uid, trace }, binds, pino({ level: 'silent' }));
  const loss = tally && describeLoss(tally);
  if (loss) io.stderr.write(`${loss}\n`);
}

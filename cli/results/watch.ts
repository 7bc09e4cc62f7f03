import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { recordSchema, type VisitRecord } from '../../api/record/record.ts';
import { codecName } from '../../api/record/summary-csv.ts';
import { type FollowEvent, followEventSchema } from '../../api/results/experiment.ts';
import type { Condition } from '../../api/status/status.ts';
import { ask, type Reach, type Subject } from '../cluster/ask.ts';
import { ClusterError } from '../cluster/errors.ts';
import type { Io } from '../io.ts';
import { showProgress } from '../run/progress.ts';
import { describeCondition, describeStatus, outcomeStatus } from './outcome.ts';

/** Waits between attempts at a connection that broke off; a record that comes starts them anew. */
const pausesMs = [500, 1_000, 2_000, 5_000, 10_000, 10_000];
/** The server sends something every 15 s. */
const silenceMs = 45_000;

/** Ways to reach the results anew: another replica may serve what the first one did. */
export type Open = () => Promise<Reach>;

/**
 * Prints a line for each record and the progress until the experiment has ended. Gives the exit status of its outcome.
 * Goes on at the place reached when the connection breaks off. Throws `ClusterError`, also when it stays broken.
 */
export async function watchCommand(open: Open, subject: Subject, io: Io, signal: AbortSignal): Promise<number> {
  using progress = showProgress(io.stderr, () => performance.now());
  let place = '0';
  let shown = '';
  let failures = 0;
  for (;;) {
    try {
      for await (const event of events(await open(), subject, place, signal)) {
        if (event.type === 'End') return finish(event.condition, io);
        if (event.type === 'Record') {
          place = event.continue;
          failures = 0;
          io.stdout.write(`${recordText(recordSchema.parse(event.record))}\n`);
        }
        if (event.type !== 'Status') continue;
        const line = describeStatus(event.status);
        if (line !== shown) progress.say(line);
        shown = line;
        const { completed = 0, rejected = 0, failed = 0, total = 0 } = event.status?.visits ?? {};
        if (total > 0) progress.update(completed + rejected + failed, total);
      }
      throw new ClusterError('BrokenOff', 'the operator stopped answering');
    } catch (error) {
      signal.throwIfAborted();
      const pauseMs = pausesMs[failures++];
      if (pauseMs === undefined || !isPassing(error)) throw error;
      await delay(pauseMs, undefined, { signal });
    }
  }
}

/** Events behind a place; ends where the connection does. */
async function* events(
  reach: Reach,
  subject: Subject,
  place: string,
  signal: AbortSignal,
): AsyncGenerator<FollowEvent> {
  const answer = await ask(reach, subject, 'follow', { query: { continue: place }, signal });
  // A connection whose other end vanished without a word.
  let timer: NodeJS.Timeout | undefined;
  const alive = () => {
    clearTimeout(timer);
    timer = setTimeout(() => answer.destroy(new ClusterError('BrokenOff', 'the operator fell silent')), silenceMs);
  };
  try {
    alive();
    for await (const line of createInterface({ input: answer, crlfDelay: Number.POSITIVE_INFINITY })) {
      alive();
      yield followEventSchema.parse(JSON.parse(line));
    }
  } finally {
    clearTimeout(timer);
    answer.destroy();
  }
}

/** Whether another connection may do better. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof ClusterError)) return error instanceof Error && 'code' in error && error.code === 'ECONNRESET';
  return ['BrokenOff', 'ClusterUnreachable', 'OperatorNotReady', 'Refused'].includes(error.code);
}

function finish(condition: Condition | null, io: Io): number {
  io.stderr.write(`${condition ? describeCondition(condition) : 'the experiment was deleted'}\n`);
  return outcomeStatus(condition);
}

function recordText({ visitId, attempt, cut, codec, link, latencyMilliseconds, verdict }: VisitRecord): string {
  const what = [cut.name, codec && codecName(codec), link?.name].filter(Boolean).join(', ');
  const p50 = latencyMilliseconds?.total?.p50;
  const figure = p50 === undefined ? '' : ` ${p50.toFixed(1)} ms`;
  const why = verdict.result === 'Accepted' ? '' : `, ${verdict.reason}: ${verdict.message}`;
  return `${visitId}${attempt > 0 ? ` attempt ${attempt}` : ''} (${what})${figure} ${verdict.result}${why}`;
}

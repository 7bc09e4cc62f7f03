import { timestamp } from '../../../../api/status/conditions.ts';
import type { LaneStatus } from '../../../../api/status/status.ts';
import type { Side } from '../../../../api/subjects.ts';
import { eventReasons } from '../../event-reasons.ts';
import { type Draft, lookAgain, withEvent } from '../draft.ts';
import { finish } from '../finish.ts';
import { currentPod, replaceSide } from '../lanes.ts';
import { finalVisits, type Observed } from '../observed.ts';
import type { PodEnd } from '../pod-end.ts';
import type { Report } from './report.ts';
import { setLane, type Tended } from './side.ts';

const firstDelayMs = 1_000;
const longestDelayMs = 60_000;
/** Least time between pods of a lane that went for no fault of theirs, so that whatever takes them is not fed without end. */
const spacingMs = 10_000;

/**
 * Replaces a worker by one with a higher attempt, which fences the old one wherever it still runs. Failures of workers in a
 * row, without a visit that became final in between, are counted and end the experiment when they are too many; each waits
 * longer than the one before.
 */
export function replaceWorker(observed: Observed, draft: Draft, lane: LaneStatus, side: Side, end: PodEnd): Tended {
  const { experiment, now, progress, spec, storeProblem } = observed;
  const { name } = currentPod(experiment.name, lane, side);
  const report: Report = { lane: Number(lane.name), side, pod: name, reason: end.reason, message: end.message };
  // What fails while the store is away says nothing about the worker.
  if (storeProblem !== null || !spec.ok) return { draft, report };
  if (end.counted && !progress) return { draft, report };

  const final = progress ? finalVisits(progress.visits) : (lane.finalAtFailure ?? 0);
  const inRow = final > (lane.finalAtFailure ?? 0) ? 0 : (lane.failures ?? 0);
  const failures = inRow + (end.counted ? 1 : 0);
  const { backoffLimit } = spec.manifest.spec;
  if (end.counted && failures > backoffLimit) {
    const times = `${failures} ${failures === 1 ? 'failure' : 'failures in a row'} of lane ${lane.name}`;
    const message = `${times}, spec.backoffLimit is ${backoffLimit}; the last was ${name}: ${end.message}`;
    return { draft: finish(observed, draft, 'BackoffLimitExceeded', message), report };
  }

  const at = replacementTime(lane, end, failures);
  if (now.getTime() < at) {
    const reason = end.counted && failures > 1 && end.reason === 'Restarting' ? 'CrashLooping' : end.reason;
    return { draft: lookAgain(draft, new Date(at)), report: { ...report, reason } };
  }
  const next: LaneStatus = {
    ...replaceSide(experiment.name, lane, side),
    replacedAt: timestamp(now),
    failures,
    finalAtFailure: end.counted ? final : (lane.finalAtFailure ?? 0),
  };
  const { name: newName, podAttempt } = currentPod(experiment.name, next, side);
  const key = { name: newName, lane: Number(lane.name), side, podAttempt };
  const replaced = setLane({ ...draft, create: [...draft.create, key] }, next);
  const type = end.counted ? 'Warning' : 'Normal';
  return {
    draft: withEvent(replaced, eventReasons.workerReplaced, `${newName} replaces ${name}: ${end.message}`, type),
    report: { ...report, pod: newName },
  };
}

/** When the next pod may be made, in ms since 1970. */
function replacementTime({ replacedAt }: LaneStatus, { counted, endedAt }: PodEnd, failures: number): number {
  if (counted && endedAt) {
    return endedAt.getTime() + Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(failures - 1, 10));
  }
  return replacedAt === undefined ? 0 : Date.parse(replacedAt) + spacingMs;
}

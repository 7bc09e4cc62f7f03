import type { LaneStatus } from '../../../../api/status/status.ts';
import type { Side } from '../../../../api/subjects.ts';
import { type Draft, lookAgain, withStatus } from '../draft.ts';
import { currentPod, markSeen } from '../lanes.ts';
import { finalVisits, type Observed, workerKey } from '../observed.ts';
import type { PodEnd } from '../pod-end.ts';
import { type PodState, podState } from '../pod-state.ts';
import { mountsLate, mountsLateAt } from './mounts.ts';
import { replaceWorker } from './replace.ts';
import type { Report } from './report.ts';

/** The draft with what is to be done about one worker, and what is to be said of it. */
export interface Tended {
  readonly draft: Draft;
  readonly report: Report;
}

/** What the follower of records may need to see the last of them after a worker said that it is done, or ready. */
const lastRecordsMs = 30_000;

const gone: PodEnd = { reason: 'Restarting', message: 'the pod is gone', counted: false, endedAt: null };
const unknown: PodEnd = {
  reason: 'Restarting',
  message: 'the store of results lost the announcement of the worker',
  counted: false,
  endedAt: null,
};
const endedEarly: PodEnd = {
  reason: 'Restarting',
  message: 'the worker ended though visits are left',
  counted: true,
  endedAt: null,
};

/** Sees to one worker of a lane: makes its pod, waits for it, or replaces it. */
export function tendSide(observed: Observed, draft: Draft, lane: LaneStatus, side: Side): Tended {
  const { experiment, pods } = observed;
  const current = currentPod(experiment.name, lane, side);
  const index = Number(lane.name);
  const report = (reason: Report['reason'], message: string): Report => ({
    lane: index,
    side,
    pod: current.name,
    reason,
    message,
  });
  const pod = pods.find(({ metadata }) => metadata.name === current.name);
  if (!pod) return tendMissing();

  const known = current.seen ? draft : setLane(draft, markSeen(lane, side));
  const state = podState(pod);
  switch (state.state) {
    case 'Waiting': {
      const lateAt = mountsLateAt(pod, state);
      if (lateAt === null) return { draft: known, report: report(state.reason, state.message) };
      if (lateAt <= observed.now)
        return { draft: known, report: report('MountFailed', mountsLate(pod, state.message)) };
      return { draft: lookAgain(known, lateAt), report: report(state.reason, state.message) };
    }
    case 'Ready':
      return tendReady(known, pod);
    case 'Succeeded':
      return tendSucceeded(known);
    case 'Ended':
      return replaceWorker(observed, known, lane, side, state);
  }

  /** A worker announces itself before it is ready: where the store does not know it, it lost that, and its peer waits for ever. */
  function tendReady(known: Draft, pod: Observed['pods'][number]): Tended {
    const done = { draft: known, report: report('Ready', '') };
    const since = pod.status?.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime;
    const announced = observed.progress?.announced.get(workerKey(index, side)) ?? -1;
    if (!observed.progress || !since || announced >= current.podAttempt) return done;
    const until = new Date(Date.parse(since) + lastRecordsMs);
    if (observed.now < until) return { ...done, draft: lookAgain(known, until) };
    return replaceWorker(observed, known, lane, side, unknown);
  }

  function tendMissing(): Tended {
    const announced = observed.progress?.announced.get(workerKey(index, side)) ?? -1;
    const wasThere = current.seen || observed.seenPods.has(current.name);
    if (wasThere || announced >= current.podAttempt) return replaceWorker(observed, draft, lane, side, gone);
    const creating = report('Creating', 'to be created');
    const obstacle = observed.obstacles.get(current.name);
    if (obstacle && obstacle.retryAt > observed.now) {
      return { draft: lookAgain(draft, obstacle.retryAt), report: report(obstacle.reason, obstacle.message) };
    }
    // Whether a pod was made before a restart of the operator shows in what it announced.
    if (!isNew() && !observed.progress) return { draft, report: creating };
    const key = { name: current.name, lane: index, side, podAttempt: current.podAttempt };
    const said = obstacle ? report(obstacle.reason, obstacle.message) : creating;
    return { draft: { ...draft, create: [...draft.create, key] }, report: said };
  }

  /** Whether the pod was asked for in this very decision. */
  function isNew(): boolean {
    const before = observed.status.lanes?.[index];
    return (side === 'local' ? before?.localPod : before?.remotePod) !== current.name;
  }

  function tendSucceeded(known: Draft): Tended {
    if (side === 'remote') return replaceWorker(observed, known, lane, side, endedEarly);
    const { progress, now } = observed;
    const done = report('Ready', '');
    if (!progress || !everyLocalSucceeded(observed)) return { draft: known, report: done };
    const total = progress.plan?.total ?? Number.POSITIVE_INFINITY;
    if (finalVisits(progress.visits) >= total) return { draft: known, report: done };
    const until = new Date(endOf(pod?.status?.containerStatuses, now) + lastRecordsMs);
    if (now < until) return { draft: lookAgain(known, until), report: done };
    return replaceWorker(observed, known, lane, side, endedEarly);
  }
}

function endOf(
  statuses: readonly {
    readonly name: string;
    readonly state?: { readonly terminated?: { readonly finishedAt?: string } };
  }[] = [],
  now: Date,
): number {
  const finishedAt = statuses.find(({ name }) => name === 'worker')?.state?.terminated?.finishedAt;
  return finishedAt === undefined ? now.getTime() : Date.parse(finishedAt);
}

/** The state of the newest pod of a side; null where there is none. */
export function stateOfSide({ experiment, pods }: Observed, lane: LaneStatus, side: Side): PodState | null {
  const { name } = currentPod(experiment.name, lane, side);
  const pod = pods.find(({ metadata }) => metadata.name === name);
  return pod ? podState(pod) : null;
}

function everyLocalSucceeded(observed: Observed): boolean {
  const { spec, status } = observed;
  const lanes = (status.lanes ?? []).slice(0, spec.ok ? spec.manifest.spec.lanes : 0);
  return lanes.every((lane) => stateOfSide(observed, lane, 'local')?.state === 'Succeeded');
}

/** The draft with a lane of its status replaced. */
export function setLane(draft: Draft, lane: LaneStatus): Draft {
  const lanes = (draft.status.lanes ?? []).map((one) => (one.name === lane.name ? lane : one));
  return withStatus(draft, { lanes });
}

import type { Policy } from '../draft.ts';
import { finish } from '../finish.ts';
import { currentPod } from '../lanes.ts';
import { finalVisits, type Observed } from '../observed.ts';
import { podState } from '../pod-state.ts';
import { formatProgress } from '../words.ts';

/** The experiment is complete when every visit is final and no local worker is at work any more. */
export const completed: Policy = (observed, draft) => {
  const { progress, results, status } = observed;
  if (!progress?.plan || finalVisits(progress.visits) < progress.plan.total) return draft;
  if ((status.lanes ?? []).some((_, lane) => isAtWork(observed, lane))) return draft;
  if (!results) return finish(observed, draft, 'Completed');
  // Fewer came back than were seen: the read goes on when the store tells of another record.
  if (results.total === null || finalVisits(results.visits) < results.total) return draft;
  const { rejected, failed } = results.visits;
  const reason = failed > 0 ? 'VisitsFailed' : rejected > 0 ? 'CompletedWithRejections' : 'Completed';
  return finish(observed, draft, reason, formatProgress(results));
};

/** Whether the local worker of a lane may still have something to do: it ends by itself when it has not. */
function isAtWork({ experiment, status, pods }: Observed, index: number): boolean {
  const lane = status.lanes?.[index];
  if (!lane) return false;
  const { name } = currentPod(experiment.name, lane, 'local');
  const pod = pods.find(({ metadata }) => metadata.name === name);
  if (!pod) return false;
  const { state } = podState(pod);
  return state === 'Ready' || (state === 'Waiting' && pod.status?.phase === 'Running');
}

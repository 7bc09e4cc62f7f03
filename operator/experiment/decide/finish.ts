import { finding, timestamp } from '../../../api/status/conditions.ts';
import { type ReasonOf, reasonOf } from '../../../api/status/reasons.ts';
import { eventReasons } from '../event-reasons.ts';
import { closePeriod } from './active-time.ts';
import { type Draft, lookAgain, removeAllPods, withConditions, withEvent } from './draft.ts';
import { type Figures, finalVisits, type Observed, type Results } from './observed.ts';

/** How long until the store is asked again. */
const storeRetryMs = 5_000;

/**
 * Ends the experiment: once what it left in the store is read back, the status says how it ended, and only then its pods
 * go. While the store cannot be reached the experiment waits for it, and its pods stay.
 */
export function finish(observed: Observed, draft: Draft, reason: ReasonOf<'Succeeded'>, message?: string): Draft {
  const { results, storeProblem, storeId, now } = observed;
  if (!results) {
    const waiting = storeProblem
      ? finding('ResultsStored', 'StoreUnavailable', storeProblem)
      : finding('ResultsStored', 'Reading');
    const later = lookAgain(withConditions(observed, draft, waiting), new Date(now.getTime() + storeRetryMs));
    return { ...later, create: [], readResults: storeProblem === null, done: true };
  }
  const end = finding('Succeeded', reason, message);
  const failed = reasonOf('Succeeded', reason).status === 'False';
  const told = withConditions(
    observed,
    {
      ...draft,
      create: [],
      status: { ...withResults(draft, results), ...(storeId !== null && { storeId }), completionTime: timestamp(now) },
    },
    end,
    finding('WorkersReady', 'Finished'),
    storedFinding(results),
    finding('Reconciling', 'Finished'),
    failed ? finding('Stalled', 'Failed', message) : finding('Stalled', 'NotStalled'),
  );
  const closed = { ...told, status: closePeriod(told.status, now) };
  const stored = storedFinding(results);
  const withStored = withEvent(closed, eventReasons.resultsStored, stored.message);
  const ended = withEvent(withStored, reason, end.message, failed ? 'Warning' : 'Normal');
  return { ...removeAllPods(observed, ended), done: true };
}

function storedFinding({ total, visits }: Results) {
  const final = finalVisits(visits);
  if (total === null) return finding('ResultsStored', 'NoResults');
  const message = `${final} of ${total} visits are final and were read back`;
  return finding('ResultsStored', final >= total ? 'Stored' : 'StoredPartly', message);
}

function withResults({ status }: Draft, { total, visits, figures }: Results): Draft['status'] {
  if (total === null) return status;
  return {
    ...status,
    visits: { total, ...visits },
    ...figureMembers(figures, `${finalVisits(visits)}/${total}`),
  };
}

/** The members of the status that show the comparison of trials; `progress` as in `37/120`. */
export function figureMembers({ best, pareto, ...summary }: Figures, progress: string) {
  return { summary: { ...summary, progress }, best: [...best], pareto: [...pareto] };
}

import { findCondition, finding } from '../../../../api/status/conditions.ts';
import { eventReasons } from '../../event-reasons.ts';
import { type Draft, type Policy, withConditions, withEvent, withStatus } from '../draft.ts';
import { finalVisits, type Observed } from '../observed.ts';

/**
 * Says where the store is no longer the one that the results went into. One that was put back from a copy may hold them
 * all the same: of an experiment that is over they are read again before anything is said.
 */
export const lost: Policy = (observed, draft) => {
  const { status, storeId } = observed;
  if (storeId === null || status.storeId === undefined || status.storeId === storeId) return draft;
  const adopted = withStatus(draft, { storeId });
  if (status.completionTime !== undefined) return ofFinished(observed, draft, adopted);
  if (status.planDigest === undefined) return adopted;
  return withEvent(
    adopted,
    eventReasons.storeReplaced,
    'visits that the new store does not hold are measured again',
    'Warning',
  );
};

function ofFinished(observed: Observed, draft: Draft, adopted: Draft): Draft {
  const { status, results, storeProblem } = observed;
  const stored = findCondition(status.conditions, 'ResultsStored');
  if (status.visits === undefined || stored?.status !== 'True') return adopted;
  if (storeProblem !== null) return draft;
  if (results === null) return { ...draft, readResults: true, done: true };
  const [before, now] = [finalVisits(status.visits), finalVisits(results.visits)];
  if (now >= before) return adopted;
  const found = finding(
    'ResultsStored',
    'ResultsLost',
    `The store was replaced: ${now} of ${before} final visits are in it`,
  );
  return withEvent(withConditions(observed, adopted, found), eventReasons.resultsLost, found.message, 'Warning');
}

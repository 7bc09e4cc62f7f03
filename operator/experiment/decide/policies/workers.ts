import { findCondition, finding } from '../../../../api/status/conditions.ts';
import { eventReasons } from '../../event-reasons.ts';
import { type Draft, type Policy, withConditions, withEvent } from '../draft.ts';
import { sides } from '../lanes.ts';
import type { Observed } from '../observed.ts';
import { fetchReport, quarterTold } from '../workers/fetches.ts';
import { isTrouble, type Report, worstReport } from '../workers/report.ts';
import { setLane, stateOfSide, tendSide } from '../workers/side.ts';
import { adoptNewer, removeSuperseded } from '../workers/superseded.ts';

/** Sees to it that every lane has its two workers, and says what they wait for. */
export const workers: Policy = (observed, draft) => {
  if (!observed.spec.ok) return draft;
  const count = observed.spec.manifest.spec.lanes;
  const reports: Report[] = [];
  let next = draft;
  for (let index = 0; index < count; index++) {
    for (const side of sides) {
      const known = next.status.lanes?.[index];
      if (!known) continue;
      const lane = adoptNewer(observed, known);
      if (lane !== known) next = setLane(next, lane);
      // A lane whose visits are all final needs no remote side any more.
      if (side === 'remote' && stateOfSide(observed, lane, 'local')?.state === 'Succeeded') continue;
      const tended = tendSide(observed, next, lane, side);
      if (tended.draft.done) return tended.draft;
      next = tended.draft;
      reports.push(fetchReport(tended.report, observed.progress));
    }
  }
  const tidy = removeSuperseded(observed, next, (next.status.lanes ?? []).slice(0, count));
  return told(observed, tidy, reports);
};

function told(observed: Observed, draft: Draft, reports: readonly Report[]): Draft {
  const { storeProblem, status } = observed;
  const worst = worstReport(reports);
  const message = worst && `lane ${worst.lane}, ${worst.side} (${worst.pod}): ${worst.message}`;
  const ready = worst ? finding('WorkersReady', worst.reason, message) : finding('WorkersReady', 'Ready');
  const stored =
    storeProblem === null
      ? findCondition(draft.status.conditions, 'ResultsStored')?.reason === 'StoreUnavailable'
        ? [finding('ResultsStored', 'Measuring')]
        : []
      : [finding('ResultsStored', 'StoreUnavailable', storeProblem)];
  const troubled = reports.filter(({ reason }) => isTrouble(reason));
  const stands = new Set(troubled.map(({ lane }) => lane)).size === new Set(reports.map(({ lane }) => lane)).size;
  const shown = withConditions(
    observed,
    draft,
    ready,
    // No lane measures: whoever looks at that one word is not to believe that it runs.
    ...(stands && message !== undefined ? [finding('Succeeded', 'WorkersStarting', message)] : []),
    ...stored,
    finding('Reconciling', 'InProgress'),
    finding('Stalled', 'NotStalled'),
  );
  const before = findCondition(status.conditions, 'WorkersReady');
  const replacing = draft.events.some(({ reason }) => reason === eventReasons.workerReplaced);
  if (worst && isTrouble(worst.reason) && worst.reason !== before?.reason && !replacing) {
    return withEvent(shown, worst.reason, ready.message, 'Warning');
  }
  const furtherOn = before?.reason !== 'Fetching' || quarterTold(ready.message) > quarterTold(before.message);
  return worst?.reason === 'Fetching' && furtherOn ? withEvent(shown, eventReasons.fetching, ready.message) : shown;
}

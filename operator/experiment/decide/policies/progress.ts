import { finding } from '../../../../api/status/conditions.ts';
import { eventReasons } from '../../event-reasons.ts';
import { type Draft, type Policy, withConditions, withEvent, withStatus } from '../draft.ts';
import { figureMembers } from '../finish.ts';
import { finalVisits, type Progress } from '../observed.ts';

const quarters = [0.25, 0.5, 0.75];

/** Shows how far the visits are, and the best of those measured so far. */
export const progress: Policy = (observed, draft) => {
  const { progress: seen, status } = observed;
  if (!seen?.plan) return draft;
  const { total, digest, warnings } = seen.plan;
  const final = finalVisits(seen.visits);
  const model = status.summary?.model;
  const shown = withStatus(draft, {
    planDigest: digest,
    visits: { total, ...seen.visits },
    ...figureMembers({ ...(model !== undefined && { model }), ...seen.figures }, `${final}/${total}`),
  });
  const measuring = finding('ResultsStored', final < total ? 'Measuring' : 'Reading');
  const running = finding('Succeeded', 'Running', `${final} of ${total} visits are final`);
  const told = withConditions(observed, shown, running, measuring);
  if (status.planDigest === undefined) return withPlan(told, total, warnings);
  return withQuarter(told, status.visits ? finalVisits(status.visits) : 0, seen, total);
};

function withPlan(draft: Draft, total: number, warnings: readonly string[]): Draft {
  const planned = withEvent(draft, eventReasons.planned, `${total} visits are to be measured`);
  return warnings.length === 0
    ? planned
    : withEvent(planned, eventReasons.planWarnings, warnings.join('; ').slice(0, 1000), 'Warning');
}

/** Each quarter of the way is told once. */
function withQuarter(draft: Draft, before: number, { visits, figures }: Progress, total: number): Draft {
  const final = finalVisits(visits);
  const passed = quarters.some((quarter) => before < quarter * total && final >= quarter * total);
  if (!passed || final >= total) return draft;
  const best = figures.bestCut === undefined ? '' : `, best so far ${figures.bestCut} with ${figures.latencyP50}`;
  return withEvent(draft, eventReasons.progress, `${final} of ${total} visits are final${best}`);
}

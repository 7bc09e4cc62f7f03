import { findCondition, finding } from '../../../../api/status/conditions.ts';
import { type Policy, withConditions, withEvent } from '../draft.ts';
import { finish } from '../finish.ts';

/** A manifest with mistakes is refused with all of them; before the start another generation may mend it. */
export const valid: Policy = (observed, draft) => {
  const { spec, status } = observed;
  if (spec.ok) return draft;
  if (status.startTime !== undefined) return finish(observed, draft, spec.reason, spec.message);
  const refused = withConditions(
    observed,
    draft,
    finding('Succeeded', spec.reason, spec.message),
    finding('WorkersReady', 'NotStarted'),
    finding('Reconciling', 'Finished', 'The manifest has to be corrected first.'),
    finding('Stalled', 'Failed', spec.message),
  );
  const known = findCondition(status.conditions, 'Succeeded');
  const told = known?.reason === spec.reason && known.message === spec.message;
  return { ...(told ? refused : withEvent(refused, spec.reason, spec.message, 'Warning')), done: true };
};

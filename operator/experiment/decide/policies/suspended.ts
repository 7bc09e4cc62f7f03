import { finding } from '../../../../api/status/conditions.ts';
import { eventReasons } from '../../event-reasons.ts';
import { closePeriod } from '../active-time.ts';
import { type Policy, removeAllPods, withConditions, withEvent } from '../draft.ts';

/** While it is suspended an experiment has no pods and its time stands still. */
export const suspended: Policy = (observed, draft) => {
  const { spec, status, now } = observed;
  if (!spec.ok || !spec.manifest.spec.suspend) return draft;
  const quiet = withConditions(
    observed,
    { ...draft, status: closePeriod(draft.status, now) },
    finding('Succeeded', 'Suspended'),
    finding('WorkersReady', 'Suspended'),
    finding('Reconciling', 'Suspended'),
    finding('Stalled', 'NotStalled'),
  );
  const told =
    status.activeSince === undefined ? quiet : withEvent(quiet, eventReasons.suspended, 'spec.suspend is true');
  return { ...removeAllPods(observed, told), lookAgainAt: null, done: true };
};

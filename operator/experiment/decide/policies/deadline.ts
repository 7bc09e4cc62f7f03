import { activeSeconds } from '../active-time.ts';
import { lookAgain, type Policy } from '../draft.ts';
import { finish } from '../finish.ts';

/** An experiment that ran too long ends with what it has; time in which it was suspended does not count. */
export const deadline: Policy = (observed, draft) => {
  const { spec, status, now } = observed;
  const limit = spec.ok ? spec.manifest.spec.activeDeadlineSeconds : undefined;
  if (limit === undefined || status.startTime === undefined) return draft;
  const left = limit - activeSeconds(status, now);
  if (left <= 0) return finish(observed, draft, 'DeadlineExceeded', `it ran for ${limit} s without being finished`);
  return status.activeSince === undefined ? draft : lookAgain(draft, new Date(now.getTime() + left * 1000));
};

import { eventReasons } from '../../event-reasons.ts';
import { lookAgain, type Policy, withEvent } from '../draft.ts';

/** An experiment that is over goes when its time to live is over; what it measured stays in the store. */
export const expired: Policy = ({ status, ttlSeconds, now }, draft) => {
  if (status.completionTime === undefined || ttlSeconds === null) return draft;
  const end = new Date(Date.parse(status.completionTime) + ttlSeconds * 1000);
  if (now < end) return lookAgain(draft, end);
  const told = withEvent(
    draft,
    eventReasons.expired,
    `ttlSecondsAfterFinished (${ttlSeconds}) is over; results are kept`,
  );
  return { ...told, expired: true, done: true };
};

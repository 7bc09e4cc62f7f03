import { isDeepStrictEqual } from 'node:util';
import { findCondition } from '../../../api/status/conditions.ts';
import type { ConditionType } from '../../../api/status/reasons.ts';
import type { ExperimentStatus, LaneStatus } from '../../../api/status/status.ts';
import { isTrouble } from './workers/report.ts';

/** Whether a status has to be written: at once, when the last one is some time ago, or not at all. */
export type Urgency = 'Now' | 'Later' | 'Never';

/** What the next step depends on, and what people wait for, is written at once; pure progress can wait. */
export function urgencyOf(before: ExperimentStatus, after: ExperimentStatus): Urgency {
  if (isDeepStrictEqual(before, after)) return 'Never';
  return isDeepStrictEqual(urgent(before), urgent(after)) ? 'Later' : 'Now';
}

function urgent(status: ExperimentStatus) {
  const { startTime, completionTime, activeSince, specDigest, planDigest, lanes = [] } = status;
  const ready = reasonOf(status, 'WorkersReady');
  return {
    startTime,
    completionTime,
    activeSince,
    specDigest,
    planDigest,
    pods: lanes.map(({ podAttempt, localPod, remotePod }: LaneStatus) => [podAttempt, localPod, remotePod]),
    succeeded: reasonOf(status, 'Succeeded'),
    stored: findCondition(status.conditions, 'ResultsStored')?.status,
    isolated: reasonOf(status, 'Isolated'),
    trouble: ready !== undefined && isTrouble(ready) ? ready : null,
  };
}

function reasonOf({ conditions }: ExperimentStatus, type: ConditionType): string | undefined {
  return findCondition(conditions, type)?.reason;
}

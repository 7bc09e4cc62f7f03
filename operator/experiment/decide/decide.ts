import type { ExperimentStatus } from '../../../api/status/status.ts';
import { type Draft, emptyDraft, type Policy } from './draft.ts';
import type { Observed } from './observed.ts';
import { completed } from './policies/completed.ts';
import { deadline } from './policies/deadline.ts';
import { expired } from './policies/expired.ts';
import { fatal } from './policies/fatal.ts';
import { finished } from './policies/finished.ts';
import { lost } from './policies/lost.ts';
import { progress } from './policies/progress.ts';
import { started } from './policies/started.ts';
import { suspended } from './policies/suspended.ts';
import { unchanged } from './policies/unchanged.ts';
import { valid } from './policies/valid.ts';
import { workers } from './policies/workers.ts';

/** In this order; each may say that those behind it have no say. */
const policies: readonly Policy[] = [
  expired,
  lost,
  finished,
  valid,
  unchanged,
  progress,
  completed,
  fatal,
  deadline,
  suspended,
  started,
  workers,
];

export type Decision = Omit<Draft, 'done'>;

/** What is to be done about an experiment: a pure function of what is observed. */
export function decide(observed: Observed): Decision {
  let draft = emptyDraft(observed.status);
  for (const policy of policies) {
    draft = policy(observed, draft);
    if (draft.done) break;
  }
  const { done: _, ...decision } = draft;
  return { ...decision, status: statusSeen(observed, decision.status) };
}

/** A status that is final tells of the generation that it ended with. */
function statusSeen({ experiment, status: before }: Observed, status: ExperimentStatus): ExperimentStatus {
  return before.completionTime === undefined ? { ...status, observedGeneration: experiment.generation } : status;
}

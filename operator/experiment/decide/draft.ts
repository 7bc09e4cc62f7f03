import { type Finding, setCondition } from '../../../api/status/conditions.ts';
import type { ExperimentStatus } from '../../../api/status/status.ts';
import type { Side } from '../../../api/subjects.ts';
import type { Observed } from './observed.ts';

export interface EventDraft {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

/** A pod that is to be there. */
export interface PodKey {
  readonly name: string;
  readonly lane: number;
  readonly side: Side;
  readonly podAttempt: number;
}

/** A pod that is to go; its UID keeps a later pod of that name from harm. */
export interface PodRemoval {
  readonly name: string;
  readonly uid: string;
}

/** What is to be done about an experiment, as the policies put it together one after the other. */
export interface Draft {
  readonly status: ExperimentStatus;
  readonly create: readonly PodKey[];
  readonly remove: readonly PodRemoval[];
  /** Told once the status that they come from is written. */
  readonly events: readonly EventDraft[];
  /** When to look again though nothing happens. */
  readonly lookAgainAt: Date | null;
  /** The decision waits for results to be read back; it is to be made again with them. */
  readonly readResults: boolean;
  /** The object itself is to go. */
  readonly expired: boolean;
  /** No later policy has a say. */
  readonly done: boolean;
}

/** One concern of the reconciler: takes what is observed and the draft so far, and gives the draft with its part. */
export type Policy = (observed: Observed, draft: Draft) => Draft;

export function emptyDraft(status: ExperimentStatus): Draft {
  return {
    status,
    create: [],
    remove: [],
    events: [],
    lookAgainAt: null,
    readResults: false,
    expired: false,
    done: false,
  };
}

/** The draft with these conditions set. */
export function withConditions({ now, experiment }: Observed, draft: Draft, ...findings: readonly Finding[]): Draft {
  const observation = { now, generation: experiment.generation };
  const conditions = findings.reduce(
    (all, finding) => setCondition(all, finding, observation),
    draft.status.conditions ?? [],
  );
  return withStatus(draft, { conditions });
}

/** The draft with these members of the status replaced. */
export function withStatus(draft: Draft, members: Partial<ExperimentStatus>): Draft {
  return { ...draft, status: { ...draft.status, ...members } };
}

export function withEvent(draft: Draft, reason: string, message: string, type: EventDraft['type'] = 'Normal'): Draft {
  return { ...draft, events: [...draft.events, { type, reason, message }] };
}

/** The draft that is looked at again at `moment`, or earlier where that was decided before. */
export function lookAgain(draft: Draft, moment: Date): Draft {
  const sooner = draft.lookAgainAt !== null && draft.lookAgainAt <= moment;
  return sooner ? draft : { ...draft, lookAgainAt: moment };
}

/** Removes every pod of the experiment that is not going already. */
export function removeAllPods({ pods }: Observed, draft: Draft): Draft {
  const remove = pods
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .map(({ metadata: { name, uid } }) => ({ name, uid }));
  return { ...draft, remove };
}

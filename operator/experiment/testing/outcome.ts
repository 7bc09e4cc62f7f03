import { findCondition } from '../../../api/status/conditions.ts';
import type { Decision } from '../decide/decide.ts';

/** A decision in a few words, so that a table of them can be read. */
export interface Outcome {
  readonly succeeded?: string;
  readonly workers?: string;
  readonly stored?: string;
  readonly create?: readonly string[];
  readonly remove?: readonly string[];
  readonly events?: readonly string[];
  readonly readResults?: boolean;
  readonly over?: boolean;
}

/** The members of a decision's outcome that `wanted` names. */
export function outcomeOf(decision: Decision, wanted: Outcome): Outcome {
  const { status, create, remove, events, readResults } = decision;
  const reason = (type: string) => findCondition(status.conditions, type)?.reason ?? 'absent';
  const all: Required<Outcome> = {
    succeeded: reason('Succeeded'),
    workers: reason('WorkersReady'),
    stored: reason('ResultsStored'),
    create: create.map(({ name }) => name),
    remove: remove.map(({ name }) => name),
    events: events.map((event) => event.reason),
    readResults,
    over: status.completionTime !== undefined,
  };
  return Object.fromEntries(Object.keys(wanted).map((name) => [name, all[name as keyof Outcome]]));
}

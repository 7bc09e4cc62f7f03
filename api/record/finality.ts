import type { Verdict } from './record.ts';

/** What the records stream holds of one visit: numbers of the attempts begun, and of those that left a record. */
export interface VisitHistory {
  readonly begun: readonly number[];
  readonly records: readonly { readonly attempt: number; readonly verdict: Verdict }[];
}

/** What to do about a visit: nothing more, run an attempt, or record that its attempts are used up. */
export type NextStep =
  | { readonly step: 'Done' }
  | { readonly step: 'Run'; readonly attempt: number }
  | { readonly step: 'GiveUp'; readonly attempt: number };

/** Whether repeating the visit cannot change this verdict. */
function settlesVisit(verdict: Verdict): boolean {
  return verdict.result === 'Accepted' || verdict.reason === 'NotExact';
}

/**
 * What is left to do of a visit that may have 1 + `backoffLimit` attempts, numbered from 0. An attempt that began and
 * left no record (its worker died) counts as used.
 */
export function nextStep(history: VisitHistory, backoffLimit: number): NextStep {
  const settled = history.records.some(({ verdict }) => settlesVisit(verdict));
  const last = history.records.some(({ attempt }) => attempt >= backoffLimit);
  if (settled || last) return { step: 'Done' };
  const used = [...history.begun, ...history.records.map(({ attempt }) => attempt)];
  const attempt = used.length === 0 ? 0 : Math.max(...used) + 1;
  return attempt <= backoffLimit ? { step: 'Run', attempt } : { step: 'GiveUp', attempt: backoffLimit };
}

/** The record that speaks for a visit: the first Accepted attempt, else the last one; undefined while there is none. */
export function decidingRecord<R extends { readonly attempt: number; readonly verdict: Verdict }>(
  records: readonly R[],
): R | undefined {
  const byAttempt = [...records].sort((a, b) => a.attempt - b.attempt);
  return byAttempt.find(({ verdict }) => verdict.result === 'Accepted') ?? byAttempt.at(-1);
}

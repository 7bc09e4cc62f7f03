import type { ExperimentScope } from '../../api/subjects.ts';

/** Experiments with something stored and no object, since when this process has seen them so; by uid. */
export type Missing = ReadonlyMap<string, { readonly scope: ExperimentScope; readonly sinceMs: number }>;

export interface Sight {
  /** What something is stored of. */
  readonly stored: Iterable<ExperimentScope>;
  /** Uids of the objects there are. */
  readonly present: ReadonlySet<string>;
  readonly nowMs: number;
}

/** Who is missing now; one who was missing before keeps the time, one who is back is forgotten. */
export function stillMissing(before: Missing, { stored, present, nowMs }: Sight): Missing {
  const missing = new Map<string, { scope: ExperimentScope; sinceMs: number }>();
  for (const scope of stored) {
    if (present.has(scope.uid)) continue;
    missing.set(scope.uid, { scope, sinceMs: before.get(scope.uid)?.sinceMs ?? nowMs });
  }
  return missing;
}

/** Those who have been missing for the grace period. */
export function overdue(missing: Missing, nowMs: number, graceMs: number): ExperimentScope[] {
  return [...missing.values()].filter(({ sinceMs }) => nowMs - sinceMs >= graceMs).map(({ scope }) => scope);
}

import type { Objective } from '../manifest/manifest.ts';
import type { TrialFigures } from './best.ts';
import { isMaximised } from './gain.ts';

export interface Front<T extends TrialFigures> {
  /** In the order of the first objective that counts. */
  readonly trials: readonly T[];
  /** The objectives that could be compared. */
  readonly objectives: readonly Objective[];
  readonly warnings: readonly string[];
}

/**
 * The Pareto front of a group: the trials that no other one equals or beats in every objective and beats in one, by
 * their figures without intervals. An objective that no trial has a figure for leaves the comparison, and so does a
 * trial that lacks one of the others, each with a warning.
 */
export function pareto<T extends TrialFigures>(trials: readonly T[], objectives: readonly Objective[]): Front<T> {
  const available = objectives.filter((objective) => trials.some(({ figures }) => figures[objective]));
  const complete = trials.flatMap((trial) => {
    const costs = available.flatMap((objective) => cost(trial, objective) ?? []);
    return costs.length === available.length ? [{ trial, costs }] : [];
  });
  const front =
    available.length === 0
      ? []
      : complete.filter(({ costs }) => !complete.some((other) => dominates(other.costs, costs)));
  const missing = objectives.filter((objective) => !available.includes(objective));
  const left = trials.length - complete.length;
  return {
    trials: front.sort((a, b) => (a.costs[0] ?? 0) - (b.costs[0] ?? 0)).map(({ trial }) => trial),
    objectives: available,
    warnings: [
      ...missing.map((objective) => `${objective} is not available and was left out of the comparison`),
      ...(left > 0
        ? [`${left} of ${trials.length} trials lack a figure of ${available.join(', ')} and were left out`]
        : []),
    ],
  };
}

function cost(trial: TrialFigures, objective: Objective): number | undefined {
  const value = trial.figures[objective]?.value;
  return value !== undefined && isMaximised(objective) ? -value : value;
}

function dominates(a: readonly number[], b: readonly number[]): boolean {
  const pairs = a.map((value, index) => value - (b[index] ?? 0));
  return pairs.every((difference) => difference <= 0) && pairs.some((difference) => difference < 0);
}

import type { CutKind } from '../cut.ts';
import type { Objective } from '../manifest/manifest.ts';
import { type Gain, gainPercent, isMaximised } from './gain.ts';
import type { Estimate } from './interval.ts';

/** A trial with what it reached; an objective that it has no figure for is absent. */
export interface TrialFigures {
  readonly trialId: string;
  readonly kind: CutKind;
  /** Name of the link; null for LocalOnly, which uses none. */
  readonly link: string | null;
  readonly batchSize: number;
  readonly figures: Readonly<Partial<Record<Objective, Estimate>>>;
}

/** Trials of one link and batch size, which may be compared: LocalOnly stands in the group of every link. */
export interface TrialGroup<T extends TrialFigures> {
  readonly link: string | null;
  readonly batchSize: number;
  readonly trials: readonly T[];
}

export interface Best<T extends TrialFigures> {
  readonly trial: T;
  readonly estimate: Estimate;
  /** Null when there is no such baseline with a figure, or the trial is that baseline. */
  readonly gainOverLocalOnly: Gain | null;
  /** Over the best of the baselines that compute everything on the remote side; null as above. */
  readonly gainOverRemote: Gain | null;
}

/** Trials sorted into groups that may be compared, in the order in which links and batch sizes first occur. */
export function comparableGroups<T extends TrialFigures>(trials: readonly T[]): TrialGroup<T>[] {
  const links = [...new Set(trials.flatMap(({ link }) => link ?? []))];
  const batchSizes = [...new Set(trials.map(({ batchSize }) => batchSize))];
  return (links.length > 0 ? links : [null]).flatMap((link) =>
    batchSizes
      .map((batchSize) => ({
        link,
        batchSize,
        trials: trials.filter((trial) => trial.batchSize === batchSize && (trial.link === link || trial.link === null)),
      }))
      .filter((group) => group.trials.length > 0),
  );
}

/**
 * The best trials of a group in one objective: the one with the best figure, and every one whose figure lies within the
 * interval of that, since the data do not tell them apart; the best figure first. Without an interval (one block) only
 * equal figures share the place. Empty when no trial has a figure.
 */
export function best<T extends TrialFigures>(trials: readonly T[], objective: Objective): Best<T>[] {
  const ranked = rank(trials, objective);
  const [leader] = ranked;
  if (!leader) return [];
  const localOnly = ranked.find(({ trial }) => trial.kind === 'LocalOnly');
  const remote = ranked.find(({ trial }) => trial.kind.startsWith('Remote'));
  const gainOver = (entry: Ranked<T>, baseline: Ranked<T> | undefined) =>
    baseline && baseline !== entry ? gainPercent(entry.estimate, baseline.estimate, objective) : null;
  return ranked
    .filter(({ estimate }) => isWithin(estimate.value, leader.estimate, objective))
    .map((entry) => ({
      ...entry,
      gainOverLocalOnly: gainOver(entry, localOnly),
      gainOverRemote: gainOver(entry, remote),
    }));
}

interface Ranked<T> {
  readonly trial: T;
  readonly estimate: Estimate;
}

function rank<T extends TrialFigures>(trials: readonly T[], objective: Objective): Ranked<T>[] {
  const sign = isMaximised(objective) ? -1 : 1;
  return trials
    .flatMap((trial) => {
      const estimate = trial.figures[objective];
      return estimate ? [{ trial, estimate }] : [];
    })
    .sort((a, b) => sign * (a.estimate.value - b.estimate.value));
}

function isWithin(value: number, { value: leader, low, high }: Estimate, objective: Objective): boolean {
  return isMaximised(objective) ? value >= (low ?? leader) : value <= (high ?? leader);
}

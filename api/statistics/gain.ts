import type { Objective } from '../manifest/manifest.ts';
import type { Estimate } from './interval.ts';

export type Verdict = 'Better' | 'Worse' | 'Inconclusive';

/** By how many percent a figure is better than a baseline's (negative: worse), with its 95 % interval. */
export interface Gain {
  readonly percent: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly verdict: Verdict;
}

/** Objectives of which more is better. */
const maximised: readonly Objective[] = ['Accuracy', 'Throughput'];

/** Whether more of an objective is better. */
export function isMaximised(objective: Objective): boolean {
  return maximised.includes(objective);
}

/**
 * What a trial gains over a baseline in an objective: 30 ms against 40 ms are 25 %. The interval combines both intervals
 * on the scale of logarithms (MOVER; Zou and Donner 2008), as if the two were independent. Better and Worse are said only
 * when the whole interval lies on one side of zero. Null when the baseline is not above zero, so that no share of it
 * exists.
 */
export function gainPercent(trial: Estimate, baseline: Estimate, objective: Objective): Gain | null {
  if (baseline.value <= 0 || trial.value < 0) return null;
  const percentOf = (ratio: number) => (isMaximised(objective) ? ratio - 1 : 1 - ratio) * 100;
  const percent = percentOf(trial.value / baseline.value);
  const bounds = ratioBounds(trial, baseline)?.map(percentOf);
  if (!bounds) return { percent, low: null, high: null, verdict: 'Inconclusive' };
  const [low, high] = [Math.min(...bounds), Math.max(...bounds)];
  return { percent, low, high, verdict: low > 0 ? 'Better' : high < 0 ? 'Worse' : 'Inconclusive' };
}

/** The interval of trial / baseline; null when one of them has none, or one that reaches zero. */
function ratioBounds(trial: Estimate, baseline: Estimate): readonly number[] | null {
  if (trial.low === null || trial.high === null || baseline.low === null || baseline.high === null) return null;
  if (trial.low === 0 && trial.high === 0) return [0, 0];
  if (trial.low <= 0 || baseline.low <= 0) return null;
  const ratio = trial.value / baseline.value;
  const below = Math.hypot(Math.log(trial.value / trial.low), Math.log(baseline.high / baseline.value));
  const above = Math.hypot(Math.log(trial.high / trial.value), Math.log(baseline.value / baseline.low));
  return [ratio * Math.exp(-below), ratio * Math.exp(above)];
}

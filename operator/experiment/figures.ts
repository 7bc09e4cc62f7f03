import type { Objective } from '../../api/manifest/spec.ts';
import { best, comparableGroups, type TrialFigures } from '../../api/statistics/best.ts';
import type { Gain } from '../../api/statistics/gain.ts';
import { pareto } from '../../api/statistics/pareto.ts';
import { formatFigure } from '../../api/status/figure.ts';
import type { BestTrial, ParetoTrial } from '../../api/status/status.ts';
import type { Figures } from './decide/observed.ts';

/** A trial with its figures and what people call it. */
export interface NamedTrial extends TrialFigures {
  readonly cut: string;
  readonly codec: string | null;
  /** Of an inference that took about the trial's median. */
  readonly traceId: string | null;
}

/** What of a spec says how its trials are compared. */
export interface Comparison {
  readonly objectives: readonly Objective[];
  /** In the manifest's order; the summary speaks of the first. */
  readonly links: readonly { readonly name: string }[];
}

const most = { best: 64, pareto: 20 };

const units: Readonly<Record<Objective, string>> = {
  LatencyP50: 'Millisecond',
  UplinkBytes: 'Byte',
  Accuracy: 'Percent',
  LocalEnergy: 'Joule',
  LocalMemory: 'Byte',
  Throughput: 'PerSecond',
};

/** The comparison of trials for the status: the best of each link, batch size and objective, and the Pareto fronts. */
export function compareTrials(
  trials: readonly NamedTrial[],
  { objectives, links }: Comparison,
  model: string | undefined,
): Figures {
  const place = new Map(links.map(({ name }, index) => [name, index]));
  const placeOf = ({ link }: { readonly link: string | null }) => place.get(link ?? '') ?? links.length;
  const groups = comparableGroups(trials).sort((a, b) => placeOf(a) - placeOf(b));
  const [first] = groups;
  const fastest = first && best(first.trials, 'LatencyP50')[0];
  return {
    ...(model !== undefined && { model }),
    ...(fastest && {
      bestCut: fastest.trial.cut,
      ...(fastest.trial.traceId !== null && { bestTrace: fastest.trial.traceId }),
      latencyP50: `${fastest.estimate.value.toFixed(1)}ms`,
      ...(first.link !== null && { link: first.link }),
    }),
    best: leadersFirst(
      groups.flatMap((group) =>
        objectives.map((objective) =>
          best(group.trials, objective).map(
            ({ trial, estimate, gainOverLocalOnly, gainOverRemote }): BestTrial => ({
              objective,
              ...nameMembers(trial, group.link),
              ...figureOf(objective, estimate.value),
              ...(trial.traceId !== null && { traceId: trial.traceId }),
              ...gainMembers('LocalOnly', gainOverLocalOnly),
              ...gainMembers('Remote', gainOverRemote),
            }),
          ),
        ),
      ),
    ).slice(0, most.best),
    pareto: leadersFirst(
      groups.map((group) => {
        const front = pareto(group.trials, objectives);
        return front.trials.map(
          (trial): ParetoTrial => ({
            ...nameMembers(trial, group.link),
            figures: front.objectives.map((objective) => ({
              objective,
              ...figureOf(objective, trial.figures[objective]?.value ?? 0),
            })),
          }),
        );
      }),
    ).slice(0, most.pareto),
  };
}

/** Lists joined so that the first of each comes before the second of any: what is cut off at the end matters least. */
function leadersFirst<T>(lists: readonly (readonly T[])[]): T[] {
  const longest = Math.max(0, ...lists.map(({ length }) => length));
  return Array.from({ length: longest }, (_, rank) => lists.flatMap((list) => list.slice(rank, rank + 1))).flat();
}

/** LocalOnly uses no link, but is compared over each: the link is that of the comparison. */
function nameMembers({ cut, codec, trialId, batchSize }: NamedTrial, link: string | null) {
  return { ...(link !== null && { link }), batchSize, cut, ...(codec !== null && { codec }), trialId };
}

function figureOf(objective: Objective, value: number) {
  return { value: formatFigure(objective === 'Accuracy' ? value * 100 : value), unit: units[objective] };
}

function gainMembers(baseline: 'LocalOnly' | 'Remote', gain: Gain | null) {
  if (!gain) return {};
  const percent = formatFigure(Number(gain.percent.toFixed(1)));
  return baseline === 'LocalOnly'
    ? { gainOverLocalOnlyPercent: percent, verdictOverLocalOnly: gain.verdict }
    : { gainOverRemotePercent: percent, verdictOverRemote: gain.verdict };
}

import { canonicalJson } from '../canonical.ts';
import type { Cut } from '../cut.ts';
import type { Codec } from '../manifest/codec.ts';
import type { Link } from '../manifest/link.ts';
import { linkContent } from '../manifest/link-content.ts';
import type { Baseline } from '../manifest/spec.ts';
import { seededRandom, shuffle } from '../random.ts';
import { PlanTooLarge } from './errors.ts';
import { sha256, type Transfer, type Trial, trialId } from './trial.ts';

/** Grows when the same manifest and model would give another plan. */
const planVersion = 2;
const maxVisits = 10_000;

/** What a plan depends on, besides the plan version. */
export interface PlanInput {
  readonly modelDigest: string;
  /** The cuts selected from the model, in the model's order. */
  readonly cuts: readonly Cut[];
  /** Whether the inputs are images, so that their files or pixels can be sent. */
  readonly imageInputs: boolean;
  readonly baselines: readonly Baseline[];
  readonly codecs: readonly Codec[];
  readonly links: readonly Link[];
  readonly batchSizes: readonly number[];
  readonly transfer: Transfer;
  readonly blocks: number;
  readonly order: 'Random' | 'Listed';
  readonly seed: number;
  readonly lanes: number;
}

/** One trial in one block. Visits of one `group` (one link and one cut) share a lane. */
export interface Visit {
  readonly visitId: string;
  readonly trial: Trial;
  readonly block: number;
  readonly lane: number;
}

export interface Plan {
  /** `sha256:` and the digest of which visits there are and in which order, whichever lane they belong to. */
  readonly digest: string;
  readonly trials: readonly Trial[];
  /** In the order in which each lane goes through them. */
  readonly visits: readonly Visit[];
  readonly warnings: readonly string[];
}

/**
 * The visits of an experiment, in order. A pure function: the same input gives the same plan on every machine, and with
 * `order: Random` the order of the manifest's lists does not matter. Throws `PlanTooLarge` beyond 10,000 visits.
 */
export function expandPlan(input: PlanInput): Plan {
  const { trials, warnings } = listTrials(input);
  if (trials.length * input.blocks > maxVisits) throw tooLarge(input, trials.length);
  const listed = groupTrials(trials);
  const sorted = [...listed].sort(byText(([key]) => key));
  const laneOf = new Map(sorted.map(([key], index) => [key, index]));
  const visits: Visit[] = [];
  for (let block = 0; block < input.blocks; block++) {
    const random = seededRandom(input.seed * 65_536 + block);
    const groups = input.order === 'Listed' ? listed : shuffle(sorted, random);
    for (const [key, members] of groups) {
      const order = input.order === 'Listed' ? members : shuffle([...members].sort(byText((t) => t.trialId)), random);
      const lane = (laneOf.get(key) ?? 0) % input.lanes;
      for (const trial of order) visits.push({ visitId: `${trial.trialId}-${block}`, trial, block, lane });
    }
  }
  // Without the lanes: their number may change while an experiment is suspended.
  const order = visits.map(({ visitId }) => visitId);
  const digest = `sha256:${sha256(canonicalJson({ planVersion, modelDigest: input.modelDigest, order }))}`;
  return { digest, trials, visits, warnings };
}

function listTrials(input: PlanInput): { trials: Trial[]; warnings: string[] } {
  const warnings: string[] = [];
  const trials = new Map<string, Trial>();
  const add = (cut: Cut, codec: Codec | null, link: Link | null, batchSize: number) => {
    const factors = { cut, codec, link, batchSize, transfer: input.transfer };
    const id = trialId(factors, input.modelDigest);
    if (trials.has(id) && link) warnings.push(`link ${link.name} equals an earlier one: they are measured once`);
    else trials.set(id, { trialId: id, ...factors });
  };
  for (const batchSize of input.batchSizes) {
    for (const kind of input.baselines) {
      if ((kind === 'RemoteSource' || kind === 'RemotePixels') && !input.imageInputs) {
        warnings.push(`baseline ${kind} is left out: the inputs are not images`);
      } else if (kind === 'LocalOnly') add(baselineCut(kind), null, null, batchSize);
      else if (kind === 'RemoteTensor') {
        for (const link of input.links)
          for (const codec of input.codecs) add(baselineCut(kind), codec, link, batchSize);
      } else for (const link of input.links) add(baselineCut(kind), null, link, batchSize);
    }
    for (const link of input.links) {
      for (const cut of input.cuts) for (const codec of input.codecs) add(cut, codec, link, batchSize);
    }
  }
  return { trials: [...trials.values()], warnings: [...new Set(warnings)] };
}

/** The cut that stands for a baseline: nothing, or the whole model, runs locally. */
export function baselineCut(kind: Baseline): Cut {
  const share = kind === 'LocalOnly' ? 1 : 0;
  return {
    name: kind,
    kind,
    layer: null,
    tensors: [],
    headMacsShare: share,
    headParameterShare: share,
    headParameterBytes: kind === 'LocalOnly' ? null : 0,
  };
}

/** Trials by link and cut, in the order in which each group first appears. */
function groupTrials(trials: readonly Trial[]): (readonly [string, readonly Trial[]])[] {
  const groups = Map.groupBy(trials, ({ cut, link }) =>
    canonicalJson({
      kind: cut.kind,
      tensors: cut.tensors.map(({ name }) => name).sort(),
      link: link && linkContent(link),
    }),
  );
  return [...groups.entries()];
}

function byText<T>(text: (item: T) => string): (a: T, b: T) => number {
  return (a, b) => (text(a) < text(b) ? -1 : 1);
}

function tooLarge(input: PlanInput, trials: number): PlanTooLarge {
  return new PlanTooLarge(trials * input.blocks, maxVisits, {
    cuts: input.cuts.length,
    codecs: input.codecs.length,
    links: input.links.length,
    batchSizes: input.batchSizes.length,
    blocks: input.blocks,
  });
}

import { z } from 'zod';
import { decimalPattern } from '../decimal.ts';
import { atomicList, mapList } from '../manifest/lists.ts';
import { withMeta } from '../manifest/rules.ts';
import { integer, text } from '../manifest/values.ts';
import { figureMaxLength } from './figure.ts';

// Words that a later version may add to (reasons, objectives, units) are texts here, not enumerations: a chart's upgrade
// leaves the CRD as it is, and an operator must be able to write its status into an older one.
const word = (max: number) => text(max, /^[A-Za-z]([A-Za-z0-9_]*[A-Za-z0-9])?$/, 'a word in CamelCase');
const digest = () => text(71, /^sha256:[0-9a-f]{64}$/, 'sha256: and 64 lower-case hexadecimal digits');
const decimalString = () => withMeta(text(figureMaxLength), { pattern: decimalPattern.source });
const count = () => integer(0, 2 ** 31 - 1);
const attempts = () => integer(0, 99_999);

const traceId = () => text(32, /^[0-9a-f]{32}$/, '32 hexadecimal digits');

/** A moment in UTC with whole seconds, as Kubernetes writes them. */
const time = () =>
  withMeta(
    text(20, /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$/, 'a moment such as 2026-01-31T12:00:00Z'),
    { format: 'date-time' },
  );

const conditionSchema = z.object({
  type: word(32).describe('What the condition is about.'),
  status: z.enum(['True', 'False', 'Unknown']).describe('Whether it holds.'),
  reason: word(40).describe('Why, in one word.'),
  message: z.string().max(1024).describe('Why, in a sentence.'),
  lastTransitionTime: time().describe('When the status last changed.'),
  observedGeneration: z
    .int()
    .min(0)
    .max(Number.MAX_SAFE_INTEGER)
    .optional()
    .describe('Generation of the object that this was found for.'),
});

const visitsSchema = z
  .object({
    total: count().describe('Visits of the plan.'),
    completed: count().describe('Visits that were accepted.'),
    rejected: count().describe('Visits whose conditions were not those asked for, in their last attempt.'),
    failed: count().describe('Visits that gave nothing usable, in their last attempt.'),
  })
  .describe('How many visits are final. What is neither completed, rejected nor failed is still to be measured.');

const summarySchema = z
  .object({
    model: text(128).optional().describe('Name of the model.'),
    progress: text(24).optional().describe('Final visits of all visits, such as 37/120.'),
    bestCut: text(96).optional().describe('The cut, or baseline, with the least latency over the first link.'),
    bestTrace: traceId().optional().describe('Trace of one inference of it that took about the median.'),
    latencyP50: text(32).optional().describe('Its median end-to-end time, such as 23.4ms.'),
    link: text(63).optional().describe('The link that this is about.'),
  })
  .describe('The experiment in a line, for kubectl get.');

const trialFields = {
  link: text(63).optional().describe('Name of the link over which it is compared; absent where nothing uses one.'),
  batchSize: integer(1, 4096).describe('Inputs per inference.'),
  cut: text(96).describe('Name of the cut, or of the baseline; a long one is shortened.'),
  codec: text(48).optional().describe('The codec in short; absent where nothing is encoded.'),
  trialId: text(16, /^[0-9a-f]{16}$/, '16 hexadecimal digits').describe('The trial; its records have the same.'),
};

const value = () => decimalString().describe('What it reached.');
const verdict = () => word(12).optional();

const bestSchema = z.object({
  objective: word(16).describe('The objective in which the trial is among the best.'),
  ...trialFields,
  value: value(),
  traceId: traceId()
    .optional()
    .describe(
      'Trace of one inference of the trial that took about the median: for kubectl split trace, and for Jaeger.',
    ),
  unit: word(12).describe('Millisecond, Byte, Joule, Percent or PerSecond.'),
  gainOverLocalOnlyPercent: decimalString().optional().describe('By how much it is better than LocalOnly.'),
  verdictOverLocalOnly: verdict().describe('Whether that is sure: Better, Worse or Inconclusive.'),
  gainOverRemotePercent: decimalString()
    .optional()
    .describe('By how much it is better than the best baseline that computes everything on the remote side.'),
  verdictOverRemote: verdict().describe('Whether that is sure: Better, Worse or Inconclusive.'),
});

const paretoSchema = z.object({
  ...trialFields,
  figures: mapList(z.object({ objective: word(16).describe('The objective.'), value: value() }), 'objective', {
    max: 6,
  }).describe('What it reached in each objective, in the units of best.'),
});

const podName = () => text(63).optional();

const laneSchema = z.object({
  name: text(4).describe('Number of the lane, from 0.'),
  podAttempt: attempts().describe('Highest number given to a pod of the lane; written before the pod is made.'),
  localPod: podName().describe('Name of the newest pod of the local side.'),
  remotePod: podName().describe('Name of the newest pod of the remote side.'),
  localSeen: z.boolean().optional().describe('Whether the newest pod of the local side was seen.'),
  remoteSeen: z.boolean().optional().describe('Whether the newest pod of the remote side was seen.'),
  replacedAt: time().optional().describe('When the newest pod was asked for in place of another.'),
  failures: attempts().optional().describe('Pods that failed in a row without a visit that became final.'),
  finalAtFailure: count().optional().describe('Final visits of the experiment when the last of them failed.'),
});

/**
 * The status of an experiment: what the operator saw and what it must know again after its own restart. Members it does
 * not know are dropped. `boundStatus` makes one fit.
 */
export const experimentStatusSchema = z
  .object({
    observedGeneration: z
      .int()
      .min(0)
      .max(Number.MAX_SAFE_INTEGER)
      .optional()
      .describe('Generation of the object that the operator last looked at.'),
    conditions: mapList(conditionSchema, 'type', { max: 8 }).optional().describe('What holds of the experiment.'),
    startTime: time().optional().describe('When the first worker was asked for; from then on the spec is fixed.'),
    completionTime: time().optional().describe('When the experiment ended.'),
    activeSeconds: count()
      .optional()
      .describe('Seconds that it ran before activeSince, for spec.activeDeadlineSeconds.'),
    activeSince: time().optional().describe('Since when it runs without being suspended; absent while it does not.'),
    specDigest: digest().optional().describe('Digest, at the start, of the part of the spec that cannot change.'),
    storeId: text(16, /^[0-9a-f]{1,16}$/, 'up to 16 hexadecimal digits')
      .optional()
      .describe('Tells the store that holds the results from one that takes its place.'),
    planDigest: digest().optional().describe('Digest of the plan.'),
    visits: visitsSchema.optional(),
    summary: summarySchema.optional(),
    best: atomicList(bestSchema, { max: 64 })
      .optional()
      .describe('The best trials of each link, batch size and objective; those that the data do not tell apart all.'),
    pareto: atomicList(paretoSchema, { max: 20 })
      .optional()
      .describe('Trials that no other one equals or beats in every objective.'),
    lanes: mapList(laneSchema, 'name', { max: 64 }).optional().describe('The pairs of workers.'),
  })
  .describe('What the operator saw of the experiment.');

export type ExperimentStatus = Readonly<z.output<typeof experimentStatusSchema>>;
export type Condition = Readonly<z.output<typeof conditionSchema>>;
export type LaneStatus = Readonly<z.output<typeof laneSchema>>;
export type BestTrial = Readonly<z.output<typeof bestSchema>>;
export type ParetoTrial = Readonly<z.output<typeof paretoSchema>>;

/** Reads the status of an object; empty for one that has none yet. Throws ZodError for what no API server stores. */
export function readStatus(status: unknown): ExperimentStatus {
  return experimentStatusSchema.parse(status ?? {});
}

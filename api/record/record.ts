import { z } from 'zod';
import { cutSchema } from '../cut.ts';
import { codecSchema } from '../manifest/codec.ts';

export const schemaVersion = 1;

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const count = z.int().nonnegative();

/** Mean and extremes of a quantity over the inferences of a visit; null where it does not exist for the trial. */
const rangeSchema = z.strictObject({ mean: z.number(), min: z.number(), max: z.number() }).nullable();

/** Quantiles are null where the sample is too small to give them. Segments that do not apply are null as a whole. */
const figuresSchema = z.strictObject({
  count,
  mean: z.number(),
  p50: z.number(),
  p50Low: z.number().nullable(),
  p50High: z.number().nullable(),
  p90: z.number().nullable(),
  p99: z.number().nullable(),
  min: z.number(),
  max: z.number(),
});

/** The parts of one inference in the order of time; they sum to `total`. */
export const segmentNames = [
  'wait',
  'preprocess',
  'head',
  'encode',
  'uplink',
  'remoteWait',
  'decode',
  'tail',
  'downlink',
  'postprocess',
] as const;
export type SegmentName = (typeof segmentNames)[number];

/** Where a segment happens. */
export const segmentSides = ['local', 'link', 'remote'] as const;
export type SegmentSide = (typeof segmentSides)[number];

export const latencyNames = [...segmentNames, 'inference', 'total', 'ideal', 'overhead'] as const;
export type LatencyName = (typeof latencyNames)[number];

const latencySchema = z.strictObject(
  Object.fromEntries(latencyNames.map((name) => [name, figuresSchema.nullable()])) as Record<
    LatencyName,
    z.ZodNullable<typeof figuresSchema>
  >,
);

/** What the workers' own probes saw; bits per second at the IP layer. */
const linkProbeSchema = z.strictObject({
  uplinkBitsPerSecond: z.number(),
  downlinkBitsPerSecond: z.number(),
  rttMilliseconds: z.number(),
});

/** Which machine a worker runs on; fixed for the life of the worker. */
export const machineSchema = z.strictObject({
  node: z.string(),
  pod: z.string().nullable(),
  podAttempt: count,
  cpuModel: z.string().nullable(),
  cores: count,
  cpuset: z.string().nullable(),
  executionProvider: z.string(),
  gpu: z
    .strictObject({ name: z.string(), count: z.int().positive(), memoryTotalBytes: z.number().nullable() })
    .nullable(),
  threads: z.int().positive(),
});

/** What a worker used during one visit; null where the machine does not tell. */
export const usageSchema = z.strictObject({
  cpuSeconds: z.number().nullable(),
  cpuUtilization: z.number().nullable(),
  throttledSeconds: z.number().nullable(),
  memoryPeakBytes: z.number().nullable(),
  memoryTotalBytes: z.number().nullable(),
  gpuUtilization: z.number().nullable(),
  gpuMemoryPeakBytes: z.number().nullable(),
  stealSeconds: z.number().nullable(),
  involuntarySwitches: z.number().nullable(),
});

const energySchema = z.strictObject({
  joules: z.number().nullable(),
  source: z.enum(['Rapl', 'Nvml', 'External', 'Model', 'Unavailable']),
  domain: z.string().nullable(),
  shared: z.boolean().nullable(),
  idleWatts: z.number().nullable(),
  relativeError: z.number().nullable(),
});

const sideSchema = z.strictObject({
  ...machineSchema.shape,
  ...usageSchema.shape,
  calibration: z.strictObject({ inferenceP50Milliseconds: z.number().nullable() }),
  energy: energySchema,
});

/** What the evaluation pass over all inputs found for one cut and codec. */
export const outputSchema = z.strictObject({
  evaluated: count,
  top: z.array(z.strictObject({ label: z.string(), probability: z.number() })).nullable(),
  agreement: z.number().min(0).max(1).nullable(),
  accuracy: z.number().min(0).max(1).nullable(),
  maxAbsoluteDifference: z.number().nullable(),
  snrDecibel: z.number().nullable(),
  perOutput: z.array(
    z.strictObject({
      name: z.string(),
      maxAbsoluteDifference: z.number().nullable(),
      snrDecibel: z.number().nullable(),
    }),
  ),
});

export const verdictResults = ['Accepted', 'Rejected', 'Failed'] as const;
export const verdictReasons = [
  'WithinTolerance',
  'NotExact',
  'LinkOutOfTolerance',
  'LinkInterrupted',
  'WorkerLost',
  'InferenceFailed',
  'TimeLimit',
  'AttemptsExhausted',
] as const;

const verdictSchema = z.strictObject({
  result: z.enum(verdictResults),
  reason: z.enum(verdictReasons),
  message: z.string().max(4096),
});

/** What one visit leaves behind: one line of `results.jsonl`. */
export const recordSchema = z.strictObject({
  schemaVersion: z.literal(schemaVersion),
  toolVersion: z.string(),
  experiment: z.strictObject({ name: z.string(), namespace: z.string(), uid: z.string() }),
  visitId: z.string(),
  trialId: z.string().regex(/^[0-9a-f]{16}$/),
  block: count,
  attempt: count,
  lane: count,
  planDigest: digest,
  seed: count,
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime(),
  verdict: verdictSchema,
  warnings: z.array(z.string()),
  sharedHost: z.boolean(),
  model: z.strictObject({ name: z.string(), digest, weights: z.enum(['Trained', 'Random', 'Unknown']) }),
  runtime: z.strictObject({ name: z.string(), version: z.string() }),
  cut: cutSchema,
  codec: codecSchema.nullable(),
  transfer: z.enum(['Sequential', 'Pipelined']),
  batchSize: z.int().positive(),
  mode: z.enum(['SingleStream', 'Server', 'Periodic', 'Offline']),
  inputs: z.strictObject({ count, digest }),
  link: z
    .strictObject({
      name: z.string(),
      type: z.enum(['None', 'Profile', 'Preset', 'Trace']),
      requested: z.record(z.string(), z.unknown()).nullable(),
      achieved: z.strictObject({ before: linkProbeSchema.nullable(), after: linkProbeSchema.nullable() }),
      queuePeakBytes: z.number().nullable(),
      latenessP99Milliseconds: z.number().nullable(),
    })
    .nullable(),
  bytes: z.strictObject({
    input: rangeSchema,
    preprocessed: rangeSchema,
    intermediate: rangeSchema,
    encoded: rangeSchema,
    reply: rangeSchema,
    application: z.strictObject({ up: rangeSchema, down: rangeSchema }),
    link: z.strictObject({ up: rangeSchema, down: rangeSchema }),
  }),
  latencyMilliseconds: latencySchema.nullable(),
  /**
   * The segments of each inference of the visit in the order of time; null where nothing was measured, and in records of
   * versions that did not say it.
   */
  segmentOrder: z
    .array(z.strictObject({ name: z.enum(segmentNames), side: z.enum(segmentSides) }))
    .max(segmentNames.length)
    .nullable()
    .default(null),
  /** How long encoder, link and decoder were busy; with Pipelined these overlap, and the segments cannot tell. */
  busyMilliseconds: z
    .strictObject({ encode: figuresSchema, transfer: figuresSchema, decode: figuresSchema })
    .nullable(),
  coldStart: z.strictObject({ loadMilliseconds: z.number(), firstRunMilliseconds: z.number().nullable() }).nullable(),
  throughputPerSecond: z.number().nullable(),
  deadline: z
    .strictObject({ missRate: z.number(), dropped: count, offered: count, ageMilliseconds: z.number().nullable() })
    .nullable(),
  stoppedBy: z.enum(['Repetitions', 'TimeLimit']).nullable(),
  clock: z
    .strictObject({ offsetMicroseconds: z.number(), uncertaintyMicroseconds: z.number(), driftPpm: z.number() })
    .nullable(),
  local: sideSchema,
  remote: sideSchema.nullable(),
  output: outputSchema.nullable(),
  traces: z.strictObject({ median: z.string(), slowest: z.string() }).nullable(),
});

export type Figures = z.infer<typeof figuresSchema>;
export type LinkProbe = z.infer<typeof linkProbeSchema>;
export type Machine = z.infer<typeof machineSchema>;
export type Usage = z.infer<typeof usageSchema>;
export type Output = z.infer<typeof outputSchema>;
export type Verdict = z.infer<typeof verdictSchema>;
export type VisitRecord = z.infer<typeof recordSchema>;

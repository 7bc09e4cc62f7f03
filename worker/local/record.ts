import type { Link } from '../../api/manifest/link.ts';
import { linkContent } from '../../api/manifest/link-content.ts';
import type { Announcement } from '../../api/messages/worker.ts';
import type { Visit } from '../../api/plan/expand.ts';
import { linkProfile } from '../../api/plan/link.ts';
import {
  type Figures,
  type LatencyName,
  latencyNames,
  schemaVersion,
  segmentNames,
  type Usage,
  type Verdict,
  type VisitRecord,
} from '../../api/record/record.ts';
import type { Sample } from '../../api/record/samples.ts';
import { summarise } from '../../api/statistics/quantiles.ts';
import { toolVersion } from '../../api/version.ts';
import { wireBytes } from '../link/wire.ts';
import type { BusyIntervals } from '../measure/segments.ts';
import type { PreparedConfig } from '../prepare.ts';
import { idealMs, type Measured } from './ideal.ts';
import type { Measurement } from './measure.ts';

/** What a record says besides what was measured. */
export interface RecordContext {
  readonly config: PreparedConfig;
  readonly planDigest: string;
  readonly visit: Visit;
  readonly attempt: number;
  readonly startedAt: Date;
  readonly finishedAt: Date;
  readonly verdict: Verdict;
  readonly warnings: readonly string[];
  readonly local: Announcement;
  readonly remote: Announcement | null;
  readonly sharedHost: boolean;
  readonly inputs: { readonly count: number; readonly digest: string };
  /** The trial's cut with the shapes of its batch size. */
  readonly cut: VisitRecord['cut'];
  readonly output: VisitRecord['output'];
}

const nothingUsed: Usage = {
  cpuSeconds: null,
  cpuUtilization: null,
  throttledSeconds: null,
  memoryPeakBytes: null,
  memoryTotalBytes: null,
  gpuUtilization: null,
  gpuMemoryPeakBytes: null,
  stealSeconds: null,
  involuntarySwitches: null,
};

/** The record of an attempt; without a measurement (it was void) all its figures are null. */
export function buildRecord(context: RecordContext, measured: MeasuredVisit | null): VisitRecord {
  const { config, visit, attempt, verdict, warnings, sharedHost, inputs, cut, output } = context;
  const { trial } = visit;
  const { spec } = config.manifest;
  const measurement = measured?.measurement ?? null;
  const samples = measured?.samples ?? [];
  return {
    schemaVersion,
    toolVersion,
    experiment: { ...config.experiment, uid: config.scope.uid },
    visitId: visit.visitId,
    trialId: trial.trialId,
    block: visit.block,
    attempt,
    lane: visit.lane,
    planDigest: context.planDigest,
    seed: spec.measurement.seed,
    startedAt: context.startedAt.toISOString(),
    finishedAt: context.finishedAt.toISOString(),
    verdict,
    warnings: [...warnings],
    sharedHost,
    model: { name: config.model.name, digest: config.model.digest, weights: config.model.weights },
    runtime: context.local.runtime,
    cut,
    codec: trial.codec,
    transfer: trial.transfer,
    batchSize: trial.batchSize,
    mode: spec.measurement.mode,
    inputs,
    link: trial.link && linkMember(trial.link, measurement),
    bytes: bytesMember(measured),
    latencyMilliseconds: samples.length > 0 ? latencyMember(samples) : null,
    segmentOrder: measured?.measured[0]?.segments.map(({ name, side }) => ({ name, side })) ?? null,
    busyMilliseconds: busyMember(measured),
    coldStart: measurement?.coldStart ?? null,
    throughputPerSecond:
      measurement && samples.length > 0 ? (samples.length * trial.batchSize * 1e3) / measurement.elapsedMs : null,
    deadline: null,
    stoppedBy: measurement?.stoppedBy ?? null,
    clock: clockMember(measurement),
    local: sideMember(context.local, measurement?.local ?? null),
    remote: context.remote && sideMember(context.remote, measurement?.remote ?? null),
    output,
    traces: tracesMember(samples),
  };
}

/** A measurement with its repetitions as samples, in the same order. */
export interface MeasuredVisit {
  readonly measurement: Measurement;
  readonly samples: readonly Sample[];
  readonly measured: readonly Measured[];
}

/** The repetitions as samples, on the local clock. */
export function samplesOf(
  link: Link | null,
  transfer: 'Sequential' | 'Pipelined',
  measured: readonly Measured[],
): Sample[] {
  return measured.map(({ repetition, times }) => {
    const { arrival, index, trace } = repetition;
    const exchange = arrival.bytes.exchange;
    return {
      repetition: index,
      input: arrival.firstInput,
      scheduledMs: arrival.marks.local.scheduledMs,
      segments: Object.fromEntries(segmentNames.map((name) => [name, times[name]])) as Sample['segments'],
      totalMs: times.total,
      idealMs: idealMs(link, transfer, times, exchange),
      encodedBytes: exchange?.encoded ?? null,
      replyBytes: exchange?.reply ?? null,
      linkUpBytes: exchange && wireBytes(exchange.applicationUp),
      linkDownBytes: exchange && wireBytes(exchange.applicationDown),
      traceId: trace.traceId,
    };
  });
}

function latencyMember(samples: readonly Sample[]): Record<LatencyName, Figures | null> {
  const values: Record<LatencyName, (sample: Sample) => number | null> = {
    ...(Object.fromEntries(segmentNames.map((name) => [name, (s: Sample) => s.segments[name]])) as Record<
      (typeof segmentNames)[number],
      (sample: Sample) => number | null
    >),
    inference: ({ segments }) => (segments.head ?? 0) + (segments.tail ?? 0),
    total: ({ totalMs }) => totalMs,
    ideal: ({ idealMs }) => idealMs,
    overhead: ({ totalMs, idealMs }) => idealMs && totalMs - idealMs,
  };
  const figures = latencyNames.map((name) => {
    const present = samples.map(values[name]).filter((value) => value !== null);
    return [name, present.length > 0 ? summarise(present) : null] as const;
  });
  return Object.fromEntries(figures) as Record<LatencyName, Figures | null>;
}

function busyMember(measured: MeasuredVisit | null): VisitRecord['busyMilliseconds'] {
  if (!measured?.measurement.clock) return null;
  const intervals = measured.measured.flatMap(({ busy }) => busy ?? []);
  if (intervals.length === 0) return null;
  const figures = (name: keyof BusyIntervals) =>
    summarise(intervals.map((interval) => interval[name].endMs - interval[name].startMs));
  return { encode: figures('encode'), transfer: figures('transfer'), decode: figures('decode') };
}

function bytesMember(measured: MeasuredVisit | null): VisitRecord['bytes'] {
  const bytes = measured?.measurement.repetitions.map(({ arrival }) => arrival.bytes) ?? [];
  const range = (value: (of: (typeof bytes)[number]) => number | null | undefined) => {
    const present = bytes.map(value).filter((one) => one !== null && one !== undefined);
    if (present.length === 0) return null;
    const mean = present.reduce((sum, one) => sum + one, 0) / present.length;
    return { mean, min: Math.min(...present), max: Math.max(...present) };
  };
  return {
    input: range(({ input }) => input),
    preprocessed: range(({ preprocessed }) => preprocessed),
    intermediate: range(({ intermediate }) => intermediate),
    encoded: range(({ exchange }) => exchange?.encoded),
    reply: range(({ exchange }) => exchange?.reply),
    application: {
      up: range(({ exchange }) => exchange?.applicationUp),
      down: range(({ exchange }) => exchange?.applicationDown),
    },
    link: {
      up: range(({ exchange }) => exchange && wireBytes(exchange.applicationUp)),
      down: range(({ exchange }) => exchange && wireBytes(exchange.applicationDown)),
    },
  };
}

function linkMember(link: Link, measurement: Measurement | null): NonNullable<VisitRecord['link']> {
  const status = measurement?.linkStatus ?? null;
  return {
    name: link.name,
    type: link.type,
    requested: linkProfile(link) && linkContent(link),
    achieved: measurement?.achieved ?? { before: null, after: null },
    queuePeakBytes: status && Math.max(status.uplink.queuePeakBytes, status.downlink.queuePeakBytes),
    latenessP99Milliseconds: status?.lateness.p99Ms ?? null,
  };
}

function clockMember(measurement: Measurement | null): VisitRecord['clock'] {
  const clock = measurement?.clock;
  if (!clock) return null;
  return {
    offsetMicroseconds: clock.offsetMs * 1e3,
    uncertaintyMicroseconds: clock.uncertaintyMs * 1e3,
    driftPpm: clock.driftPpm,
  };
}

function sideMember({ machine, memoryTotalBytes }: Announcement, used: Usage | null): VisitRecord['local'] {
  return {
    ...machine,
    ...(used ?? { ...nothingUsed, memoryTotalBytes }),
    calibration: { inferenceP50Milliseconds: null },
    energy: {
      joules: null,
      source: 'Unavailable',
      domain: null,
      shared: null,
      idleWatts: null,
      relativeError: null,
    },
  };
}

/** Traces of the repetition at the median (the lower of two) and of the slowest. */
function tracesMember(samples: readonly Sample[]): VisitRecord['traces'] {
  const sorted = [...samples].sort((a, b) => a.totalMs - b.totalMs);
  const median = sorted[(sorted.length - 1) >> 1];
  const slowest = sorted.at(-1);
  return median && slowest ? { median: median.traceId, slowest: slowest.traceId } : null;
}

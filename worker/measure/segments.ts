import type { SegmentName, SegmentSide } from '../../api/record/record.ts';
import { MarksError } from './errors.ts';
import type { LocalMarks, Marks, RemoteMarks } from './marks.ts';

/** One step of an inference, in milliseconds of the local clock; `side` is where it happened. */
export interface Segment {
  readonly name: SegmentName;
  readonly side: SegmentSide;
  readonly startMs: number;
  readonly endMs: number;
}

/** Lengths in milliseconds; null where a step does not apply. They add up to `total`, save for rounding. */
export type SegmentTimes = Readonly<Record<SegmentName, number | null>> & {
  /** Head plus tail: what the model itself took. */
  readonly inference: number;
  readonly total: number;
};

/** When each part of the way was busy, in milliseconds of the local clock. Pipelined ones overlap. */
export interface BusyIntervals {
  readonly encode: Interval;
  /** From the first chunk sent to the last one received. */
  readonly transfer: Interval;
  readonly decode: Interval;
}

export interface Interval {
  readonly startMs: number;
  readonly endMs: number;
}

type Step = readonly [name: SegmentName, side: Segment['side'], endMs: number];

/**
 * The steps of one inference in order, each beginning where the one before ended, so that their lengths add up to the
 * whole. Remote marks are mapped by `toLocal`: an error of the clock moves time between uplink and downlink, possibly
 * below zero, and nothing is clamped. Throws `MarksError` for marks that the kind requires or cannot have.
 */
export function segmentsOf(marks: Marks, toLocal: (remoteMs: number) => number): readonly Segment[] {
  const { local } = marks;
  const remote = marks.remote && mapRemote(marks.remote, toLocal);
  const steps = marks.kind === 'LocalOnly' ? localSteps(marks) : splitSteps(marks, remote);
  let startMs = local.scheduledMs ?? local.startedMs;
  const wait: readonly Step[] = local.scheduledMs === null ? [] : [['wait', 'local', local.startedMs]];
  return [...wait, ...steps].map(([name, side, endMs]) => {
    if (!Number.isFinite(endMs)) throw new MarksError(`the end of ${name} of a ${marks.kind} inference is ${endMs}`);
    const segment = { name, side, startMs, endMs };
    startMs = endMs;
    return segment;
  });
}

/** The record's figures from the steps of `segmentsOf`. */
export function segmentTimes(segments: readonly Segment[]): SegmentTimes {
  const length = (name: SegmentName) => {
    const found = segments.find((segment) => segment.name === name);
    return found ? found.endMs - found.startMs : null;
  };
  const first = segments[0]?.startMs ?? 0;
  const last = segments.at(-1)?.endMs ?? 0;
  return {
    wait: length('wait'),
    preprocess: length('preprocess'),
    head: length('head'),
    encode: length('encode'),
    uplink: length('uplink'),
    remoteWait: length('remoteWait'),
    decode: length('decode'),
    tail: length('tail'),
    downlink: length('downlink'),
    postprocess: length('postprocess'),
    inference: (length('head') ?? 0) + (length('tail') ?? 0),
    total: last - first,
  };
}

/** When encoder, link and decoder were busy; null for LocalOnly. Throws `MarksError` as `segmentsOf` does. */
export function busyIntervals(marks: Marks, toLocal: (remoteMs: number) => number): BusyIntervals | null {
  if (marks.kind === 'LocalOnly' || !marks.remote) return null;
  const { kind, local } = marks;
  const remote = mapRemote(marks.remote, toLocal);
  const encodedMs = required(kind, 'local.encodedMs', local.encodedMs);
  const encodeStartMs = local.headDoneMs ?? local.preprocessedMs ?? local.startedMs;
  const decodedMs = required(kind, 'remote.decodedMs', remote.decodedMs ?? remote.preprocessedMs);
  return {
    encode: { startMs: encodeStartMs, endMs: local.lastEncodedMs ?? encodedMs },
    transfer: { startMs: encodedMs, endMs: remote.lastChunkMs },
    decode: { startMs: remote.startedMs, endMs: decodedMs },
  };
}

function localSteps({ kind, local, remote }: Marks): readonly Step[] {
  absent(kind, 'remote', remote);
  absent(kind, 'local.encodedMs', local.encodedMs);
  absent(kind, 'local.repliedMs', local.repliedMs);
  return [
    ['preprocess', 'local', required(kind, 'local.preprocessedMs', local.preprocessedMs)],
    ['head', 'local', required(kind, 'local.headDoneMs', local.headDoneMs)],
    ...optional('postprocess', 'local', local.postprocessedMs),
  ];
}

function splitSteps({ kind, local }: Marks, remote: RemoteMarks | null): readonly Step[] {
  if (!remote) throw new MarksError(`a ${kind} inference needs the mark remote`);
  if (local.postprocessedMs !== null) absent(kind, 'remote.postprocessedMs', remote.postprocessedMs);
  const isPipelined = local.lastEncodedMs !== null;
  return [
    ...beforeSending(kind, local),
    ['encode', 'local', required(kind, 'local.encodedMs', local.encodedMs)],
    ['uplink', 'link', remote.lastChunkMs],
    // Pipelined, work may begin before the last chunk is there: then nothing waited.
    ['remoteWait', 'remote', isPipelined ? Math.max(remote.startedMs, remote.lastChunkMs) : remote.startedMs],
    ...beforeTail(kind, remote),
    ['tail', 'remote', remote.tailDoneMs],
    ...optional('postprocess', 'remote', remote.postprocessedMs),
    ['downlink', 'link', required(kind, 'local.repliedMs', local.repliedMs)],
    ...optional('postprocess', 'local', local.postprocessedMs),
  ];
}

function beforeSending(kind: Marks['kind'], local: LocalMarks): readonly Step[] {
  if (kind === 'RemoteSource') absent(kind, 'local.preprocessedMs', local.preprocessedMs);
  if (kind !== 'Cut') absent(kind, 'local.headDoneMs', local.headDoneMs);
  if (kind === 'RemoteSource') return [];
  const preprocess: Step = ['preprocess', 'local', required(kind, 'local.preprocessedMs', local.preprocessedMs)];
  return kind === 'Cut'
    ? [preprocess, ['head', 'local', required(kind, 'local.headDoneMs', local.headDoneMs)]]
    : [preprocess];
}

function beforeTail(kind: Marks['kind'], remote: RemoteMarks): readonly Step[] {
  if (kind === 'RemoteSource') {
    absent(kind, 'remote.decodedMs', remote.decodedMs);
    return [['preprocess', 'remote', required(kind, 'remote.preprocessedMs', remote.preprocessedMs)]];
  }
  absent(kind, 'remote.preprocessedMs', remote.preprocessedMs);
  return [['decode', 'remote', required(kind, 'remote.decodedMs', remote.decodedMs)]];
}

function optional(name: SegmentName, side: Segment['side'], endMs: number | null): readonly Step[] {
  return endMs === null ? [] : [[name, side, endMs]];
}

function required(kind: string, mark: string, value: number | null): number {
  if (value === null) throw new MarksError(`a ${kind} inference needs the mark ${mark}`);
  return value;
}

function absent(kind: string, mark: string, value: unknown): void {
  if (value !== null) throw new MarksError(`a ${kind} inference has no mark ${mark}: leave it null`);
}

function mapRemote(marks: RemoteMarks, toLocal: (remoteMs: number) => number): RemoteMarks {
  const map = (value: number | null) => (value === null ? null : toLocal(value));
  return {
    firstChunkMs: toLocal(marks.firstChunkMs),
    lastChunkMs: toLocal(marks.lastChunkMs),
    startedMs: toLocal(marks.startedMs),
    decodedMs: map(marks.decodedMs),
    preprocessedMs: map(marks.preprocessedMs),
    tailDoneMs: toLocal(marks.tailDoneMs),
    postprocessedMs: map(marks.postprocessedMs),
  };
}

import { type SegmentName, type SegmentSide, segmentNames, type VisitRecord } from './record.ts';
import type { Sample } from './samples.ts';

/** One segment of an inference; times in ms from the inference's beginning. */
export interface WaterfallRow {
  readonly name: SegmentName;
  readonly side: SegmentSide;
  readonly startMs: number;
  /** Below zero where the error of the clock between the sides is larger than the segment. */
  readonly lengthMs: number;
  /** Whether that error, on which the time on the link alone hangs, may be all there is of it. */
  readonly uncertain: boolean;
}

/** One inference, segment by segment, each beginning where the one before ended. Times in ms. */
export interface Waterfall {
  readonly rows: readonly WaterfallRow[];
  readonly totalMs: number;
  /** What computing and the link's own rate and delay take; null where the link's model does not say it. */
  readonly idealMs: number | null;
  readonly overheadMs: number | null;
  /** Error of the clock between the sides; null for LocalOnly. */
  readonly uncertaintyMs: number | null;
}

/** Lays the segments of a sample out in the order that its record tells. */
export function waterfall(record: VisitRecord, { segments, totalMs, idealMs }: Sample): Waterfall {
  const uncertaintyMs = record.clock && record.clock.uncertaintyMicroseconds / 1e3;
  let startMs = 0;
  const rows = orderOf(record).flatMap(({ name, side }): WaterfallRow[] => {
    const lengthMs = segments[name];
    if (lengthMs === null) return [];
    const uncertain = side === 'link' && Math.abs(lengthMs) < (uncertaintyMs ?? 0);
    const row = { name, side, startMs, lengthMs, uncertain };
    startMs += lengthMs;
    return [row];
  });
  const overheadMs = idealMs === null ? null : totalMs - idealMs;
  return { rows, totalMs, idealMs, overheadMs, uncertaintyMs };
}

const remoteSegments: readonly SegmentName[] = ['remoteWait', 'decode', 'tail'];
const linkSegments: readonly SegmentName[] = ['uplink', 'downlink'];

/** For records that do not tell the order: that of answers which become labels on the local side. */
function orderOf({ segmentOrder, cut }: VisitRecord): NonNullable<VisitRecord['segmentOrder']> {
  if (segmentOrder) return segmentOrder;
  const source = cut.kind === 'RemoteSource';
  // There the remote side reads and prepares the original file.
  const names = source
    ? segmentNames
        .toSpliced(segmentNames.indexOf('tail'), 0, 'preprocess')
        .toSpliced(segmentNames.indexOf('preprocess'), 1)
    : segmentNames;
  return names.map((name) => {
    if (linkSegments.includes(name)) return { name, side: 'link' };
    const isRemote = remoteSegments.includes(name) || (source && name === 'preprocess');
    return { name, side: isRemote ? 'remote' : 'local' };
  });
}

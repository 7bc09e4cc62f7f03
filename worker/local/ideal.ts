import type { Link } from '../../api/manifest/link.ts';
import { linkProfile } from '../../api/plan/link.ts';
import { fluidTransferMs } from '../link/wire.ts';
import type { BusyIntervals, Segment, SegmentTimes } from '../measure/segments.ts';
import type { Repetition } from './measure.ts';

/** A repetition with its segments on the local clock. */
export interface Measured {
  readonly repetition: Repetition;
  readonly segments: readonly Segment[];
  readonly times: SegmentTimes;
  /** Null for LocalOnly. */
  readonly busy: BusyIntervals | null;
}

/**
 * What an inference would take with nothing but its own computing and the link: its compute segments plus the link
 * model's time for its bytes each way, in ms. Null where the model does not say it: without a shape, or Pipelined, where
 * computing and sending overlap, and for LocalOnly, which has no link.
 */
export function idealMs(
  link: Link | null,
  transfer: 'Sequential' | 'Pipelined',
  times: SegmentTimes,
  bytes: { readonly applicationUp: number; readonly applicationDown: number } | null,
): number | null {
  const profile = link && linkProfile(link);
  if (!bytes || !profile || transfer === 'Pipelined') return null;
  const { preprocess, head, encode, decode, tail, postprocess } = times;
  const compute = [preprocess, head, encode, decode, tail, postprocess].reduce<number>((sum, ms) => sum + (ms ?? 0), 0);
  const { uplink, downlink } = profile;
  return compute + fluidTransferMs(bytes.applicationUp, uplink) + fluidTransferMs(bytes.applicationDown, downlink);
}

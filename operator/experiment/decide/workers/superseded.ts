import type { V1Pod } from '@kubernetes/client-node';
import type { LaneStatus } from '../../../../api/status/status.ts';
import type { Side } from '../../../../api/subjects.ts';
import { labelKeys } from '../../../pod/labels.ts';
import type { Stored } from '../../../runtime/objects.ts';
import type { Wire } from '../../../runtime/wire.ts';
import type { Draft } from '../draft.ts';
import { currentPod, sides } from '../lanes.ts';
import type { Observed } from '../observed.ts';

type Pod = Stored<Wire<V1Pod>>;

/**
 * Removes pods that others took the place of. Of those that ended, the newest of each side stays until the end of the
 * experiment: its log may be what somebody looks for.
 */
export function removeSuperseded({ experiment, pods }: Observed, draft: Draft, lanes: readonly LaneStatus[]): Draft {
  const current = new Set(lanes.flatMap((lane) => sides.map((side) => currentPod(experiment.name, lane, side).name)));
  const superseded = pods.filter(({ metadata }) => !current.has(metadata.name));
  const kept = new Set([...Map.groupBy(superseded.filter(hasEnded), sideOf).values()].map(newest));
  const remove = superseded
    .filter((pod) => !kept.has(pod) && pod.metadata.deletionTimestamp === undefined)
    .map(({ metadata: { name, uid } }) => ({ name, uid }));
  return { ...draft, remove: [...draft.remove, ...remove] };
}

/**
 * The lane as its pods show it: one with a higher number than the status knows was made after the status that is seen,
 * and must neither be made again nor taken for an old one.
 */
export function adoptNewer({ experiment, pods }: Observed, lane: LaneStatus): LaneStatus {
  return sides.reduce((adopted, side) => {
    const found = pods.filter((pod) => sideOf(pod) === `${lane.name}/${side}`);
    const pod = found.length === 0 ? null : newest(found);
    if (!pod || attemptOf(pod) <= currentPod(experiment.name, lane, side).podAttempt) return adopted;
    return withPod(adopted, side, pod);
  }, lane);
}

function withPod(lane: LaneStatus, side: Side, pod: Pod): LaneStatus {
  const podAttempt = Math.max(lane.podAttempt, attemptOf(pod));
  const { name } = pod.metadata;
  return side === 'local'
    ? { ...lane, podAttempt, localPod: name, localSeen: true }
    : { ...lane, podAttempt, remotePod: name, remoteSeen: true };
}

function hasEnded({ status }: Pod): boolean {
  return status?.phase === 'Failed' || status?.phase === 'Succeeded';
}

function sideOf({ metadata }: Pod): string {
  return `${metadata.labels?.[labelKeys.lane]}/${metadata.labels?.[labelKeys.side]}`;
}

function attemptOf({ metadata }: Pod): number {
  const attempt = Number(metadata.labels?.[labelKeys.podAttempt]);
  return Number.isSafeInteger(attempt) && attempt >= 0 ? attempt : -1;
}

function newest(pods: readonly Pod[]): Pod {
  return pods.reduce((a, b) => (attemptOf(b) > attemptOf(a) ? b : a));
}

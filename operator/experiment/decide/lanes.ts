import type { LaneStatus } from '../../../api/status/status.ts';
import type { Side } from '../../../api/subjects.ts';
import { podName } from '../../pod/name.ts';

export const sides = ['local', 'remote'] as const satisfies readonly Side[];

/** The newest pod of one side of a lane, as the status has it from before the pod was made. */
export interface CurrentPod {
  readonly name: string;
  readonly podAttempt: number;
  readonly seen: boolean;
}

/** A lane whose pods of both sides are to be made under a number that none of it had before. */
export function newLane(experiment: string, lane: number, earlier: LaneStatus | undefined): LaneStatus {
  const podAttempt = earlier ? earlier.podAttempt + 1 : 0;
  return {
    name: String(lane),
    podAttempt,
    localPod: podName(experiment, lane, 'local', podAttempt),
    remotePod: podName(experiment, lane, 'remote', podAttempt),
  };
}

/** The lane with a pod of one side to be made in place of the one before. */
export function replaceSide(experiment: string, lane: LaneStatus, side: Side): LaneStatus {
  const podAttempt = lane.podAttempt + 1;
  const name = podName(experiment, Number(lane.name), side, podAttempt);
  return side === 'local'
    ? { ...lane, podAttempt, localPod: name, localSeen: false }
    : { ...lane, podAttempt, remotePod: name, remoteSeen: false };
}

/** The lane with the newest pod of a side known to have been there. */
export function markSeen(lane: LaneStatus, side: Side): LaneStatus {
  return side === 'local' ? { ...lane, localSeen: true } : { ...lane, remoteSeen: true };
}

/** The newest pod of a side. Its number is part of its name, and no higher than the lane's. */
export function currentPod(experiment: string, lane: LaneStatus, side: Side): CurrentPod {
  const [name, seen] = side === 'local' ? [lane.localPod, lane.localSeen] : [lane.remotePod, lane.remoteSeen];
  for (let podAttempt = lane.podAttempt; podAttempt > 0; podAttempt--) {
    if (podName(experiment, Number(lane.name), side, podAttempt) === name) {
      return { name, podAttempt, seen: seen ?? false };
    }
  }
  return { name: podName(experiment, Number(lane.name), side, 0), podAttempt: 0, seen: seen ?? false };
}

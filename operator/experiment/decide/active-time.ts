import { timestamp } from '../../../api/status/conditions.ts';
import type { ExperimentStatus } from '../../../api/status/status.ts';

/** Seconds that the experiment ran without being suspended, up to `now`. */
export function activeSeconds({ activeSeconds = 0, activeSince }: ExperimentStatus, now: Date): number {
  if (activeSince === undefined) return activeSeconds;
  return activeSeconds + Math.max(0, (now.getTime() - Date.parse(activeSince)) / 1000);
}

/** The members of a status whose running period ends now. */
export function closePeriod(status: ExperimentStatus, now: Date): ExperimentStatus {
  const { activeSince, ...rest } = status;
  if (activeSince === undefined) return status;
  return { ...rest, activeSeconds: Math.round(activeSeconds(status, now)) };
}

/** The members of a status in which a running period begins now. */
export function openPeriod(status: ExperimentStatus, now: Date): ExperimentStatus {
  return { ...status, activeSince: timestamp(now) };
}

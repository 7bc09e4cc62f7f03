import type { ReasonOf } from '../../../../api/status/reasons.ts';
import type { Side } from '../../../../api/subjects.ts';

/** What is to be said of one worker. */
export interface Report {
  readonly lane: number;
  readonly side: Side;
  readonly pod: string;
  readonly reason: ReasonOf<'WorkersReady'>;
  readonly message: string;
}

/** Reasons that go by themselves within seconds when all is well. */
const usual = ['NotStarted', 'Creating', 'Connecting', 'Fetching', 'Ready'];

/** Whether somebody should know of the reason at once. */
export function isTrouble(reason: string): boolean {
  return !usual.includes(reason);
}

/** What hinders most comes first: what nobody but a person can mend, then what the operator mends, then waiting. */
const order: readonly ReasonOf<'WorkersReady'>[] = [
  'NameTaken',
  'PodSecurityDenied',
  'AdmissionDenied',
  'QuotaExceeded',
  'ReferenceMissing',
  'MountFailed',
  'ImagePullFailed',
  'Unschedulable',
  'StoreUnavailable',
  'CrashLooping',
  'OutOfMemory',
  'NodeLost',
  'Evicted',
  'Restarting',
  'Creating',
  'Fetching',
  'Connecting',
];

/** The report that says most about why workers are not ready; undefined when all are. */
export function worstReport(reports: readonly Report[]): Report | undefined {
  for (const reason of order) {
    const found = reports.find((report) => report.reason === reason);
    if (found) return found;
  }
  return undefined;
}

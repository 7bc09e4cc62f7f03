import type { V1ContainerStateTerminated } from '@kubernetes/client-node';
import { exitStatuses, readTermination, type Termination } from '../../../api/messages/termination.ts';
import type { ReasonOf } from '../../../api/status/reasons.ts';
import type { Wire } from '../../runtime/wire.ts';

/** How a pod ended. */
export interface PodEnd {
  readonly reason: ReasonOf<'WorkersReady'>;
  readonly message: string;
  /** Whether it counts towards `spec.backoffLimit`: it was the worker that failed, not its surroundings. */
  readonly counted: boolean;
  /** When it ended, where that is known. */
  readonly endedAt: Date | null;
  /** What another start cannot cure. */
  readonly fatal?: Extract<Termination, { fatal: unknown }>['fatal'];
}

/** Bytes of a log's end that are worth repeating. */
const shownLog = 400;

/** Reads how a container ended with another status than 0. `memoryLimit`: of the container, for what to raise. */
export function endOfContainer(terminated: Wire<V1ContainerStateTerminated>, memoryLimit: string | null): PodEnd {
  const endedAt = terminated.finishedAt ? new Date(terminated.finishedAt) : null;
  const counted = true;
  if (terminated.reason === 'OOMKilled') {
    const limit = memoryLimit === null ? '' : ` of ${memoryLimit}`;
    const message = `the worker used more memory than its limit${limit}; raise resources.limits.memory`;
    return { reason: 'OutOfMemory', message, counted, endedAt };
  }
  const report = readTermination(terminated.message ?? '');
  const error = report && ('fatal' in report ? report.fatal : report.failed);
  const message = error
    ? `${error.code}: ${error.message}`
    : [`exit status ${terminated.exitCode}`, (terminated.message ?? '').trim().slice(-shownLog)]
        .filter(Boolean)
        .join(': ');
  if (report && 'fatal' in report && terminated.exitCode === exitStatuses.fatal) {
    return { reason: 'Restarting', message, counted, endedAt, fatal: report.fatal };
  }
  return { reason: 'Restarting', message, counted, endedAt };
}

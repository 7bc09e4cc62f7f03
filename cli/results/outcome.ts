import type { Condition, ExperimentStatus } from '../../api/status/status.ts';
import { exitStatus } from '../errors.ts';

/** Ends that some visits brought about, not the experiment as a whole. */
export const incompleteReasons: readonly string[] = ['VisitsFailed', 'DeadlineExceeded'];
/** Ends that only another manifest, model or input avoids. */
export const mistakenReasons: readonly string[] = [
  'BadConfiguration',
  'DigestMismatch',
  'InputInvalid',
  'InvalidSpec',
  'ModelInvalid',
  'PlanTooLarge',
  'SpecChanged',
  'Unsupported',
];

/** The exit status for how an experiment ended, with the meanings that it has for a local run; null: its object is gone. */
export function outcomeStatus(condition: Condition | null): number {
  if (condition === null) return exitStatus.failed;
  const { status, reason } = condition;
  if (status === 'True') return reason === 'Completed' ? exitStatus.done : exitStatus.incomplete;
  if (incompleteReasons.includes(reason)) return exitStatus.incomplete;
  return mistakenReasons.includes(reason) ? exitStatus.usage : exitStatus.failed;
}

/** The condition `Succeeded` in a line. */
export function describeStatus(status: ExperimentStatus | null): string {
  const succeeded = status?.conditions?.find(({ type }) => type === 'Succeeded');
  return succeeded ? describeCondition(succeeded) : 'the operator has not looked at it yet';
}

export function describeCondition({ reason, message }: Pick<Condition, 'reason' | 'message'>): string {
  return message === '' ? reason : `${reason}: ${message}`;
}

import { createHash } from 'node:crypto';
import type { Side } from '../../api/subjects.ts';

/** A DNS label (RFC 1123): a pod's name is also its host name, which may be no longer. */
const maxLength = 63;
const hashDigits = 10;
const endsInHash = new RegExp(`-[0-9a-f]{${hashDigits}}$`);

/** `<experiment>-<lane>-<side>-<podAttempt>`, or a shortened form: a DNS label that no other pod of the namespace has. */
export function podName(experiment: string, lane: number, side: Side, podAttempt: number): string {
  return withSuffix(experiment, `-${lane}-${side}-${podAttempt}`);
}

/** `<experiment>-worker`, or a shortened form: the Secret with the configuration of the experiment's workers. */
export function secretName(experiment: string): string {
  return withSuffix(experiment, '-worker');
}

/**
 * A name that is too long or has dots is cut and gets a hash of the whole. So does one that looks as if it had been:
 * the short form of one experiment is never the full form of another.
 */
function withSuffix(experiment: string, suffix: string): string {
  const full = `${experiment}${suffix}`;
  if (full.length <= maxLength && !experiment.includes('.') && !endsInHash.test(experiment)) return full;
  const hash = createHash('sha256').update(experiment).digest('hex').slice(0, hashDigits);
  const room = maxLength - suffix.length - hashDigits - 1;
  const kept = experiment.replaceAll('.', '-').slice(0, room).replace(/-+$/, '');
  return `${kept}-${hash}${suffix}`;
}

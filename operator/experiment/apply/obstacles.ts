import type { ReasonOf } from '../../../api/status/reasons.ts';
import { ApiError, BadRequest, Forbidden, Invalid, ServerError } from '../../runtime/client/errors.ts';
import type { ExperimentMemory } from '../memory.ts';

const firstRetryMs = 1_000;
const longestRetryMs = 60_000;

/** An object that is needed and that another has the name of. */
export class NameTaken extends Error {
  readonly code = 'NameTaken';
  constructor(kind: string, name: string) {
    super(`${kind} ${name} is there already and is not of this experiment; it is left alone`);
    this.name = 'NameTaken';
  }
}

/** Why the API server does not take an object, as a reason of the condition; null for what is no denial. */
export function denialReason(error: unknown): ReasonOf<'WorkersReady'> | null {
  if (error instanceof NameTaken) return 'NameTaken';
  if (!(error instanceof ApiError)) return null;
  const { message } = error.failure;
  if (error instanceof Forbidden && /quota/.test(message)) return 'QuotaExceeded';
  if (error instanceof Forbidden && /violates PodSecurity/.test(message)) return 'PodSecurityDenied';
  if (error instanceof Forbidden || error instanceof Invalid || error instanceof BadRequest) return 'AdmissionDenied';
  // A webhook that does not answer makes the server fail.
  return error instanceof ServerError && /webhook/.test(message) ? 'AdmissionDenied' : null;
}

/** Remembers what stands in the way of an object, to be tried again later each time. */
export function noteObstacle(
  { obstacles }: ExperimentMemory,
  name: string,
  reason: ReasonOf<'WorkersReady'>,
  error: unknown,
  now: Date,
): void {
  const tries = (obstacles.get(name)?.tries ?? 0) + 1;
  const waitMs = Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(tries - 1, 10));
  obstacles.set(name, { reason, message: sentenceOf(error), tries, retryAt: new Date(now.getTime() + waitMs) });
}

function sentenceOf(error: unknown): string {
  if (error instanceof ApiError) return error.failure.message;
  return error instanceof Error ? error.message : String(error);
}

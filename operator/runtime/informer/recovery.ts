import { ApiError, ApiTimeout, ApiUnreachable, Gone, ServerError, TooManyRequests } from '../client/errors.ts';
import { ShortWatch, WentBackwards } from './errors.ts';

export interface Recovery {
  /** Whether what was seen so far still counts: the watch goes on from there. */
  readonly resume: boolean;
  /** Whether equal versions mean equal contents: not after the server's store was restored. */
  readonly trustVersions: boolean;
  /** Whether to go on without a pause, if this is the first failure in a row. */
  readonly atOnce: boolean;
  /** The least pause that the server asks for. */
  readonly leastMs: number;
}

/** Resuming that often in a row without an event ends in a new list: something that the errors do not say is wrong. */
const mostResumes = 3;

function tooLarge(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  const { causes, message } = error.failure;
  return (
    causes.some((cause) => cause.reason === 'ResourceVersionTooLarge') || /too large resource version/i.test(message)
  );
}

function mayResume(error: unknown): boolean {
  const kinds = [ApiUnreachable, ApiTimeout, TooManyRequests, ServerError, ShortWatch];
  return kinds.some((kind) => error instanceof kind) && !tooLarge(error);
}

/**
 * How a reflector goes on after a failure.
 * @param failures how many there were in a row, this one included
 */
export function recoveryFrom(error: unknown, failures: number): Recovery {
  return {
    resume: mayResume(error) && failures <= mostResumes,
    trustVersions: !(error instanceof WentBackwards || tooLarge(error)),
    atOnce: error instanceof Gone || error instanceof WentBackwards,
    leastMs: error instanceof ApiError ? (error.failure.retryAfterMs ?? 0) : 0,
  };
}

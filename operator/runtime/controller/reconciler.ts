import type { ObjectKey } from '../objects.ts';

/** Names the object to look at. What happened to it is not said: a reconciler compares what is with what should be. */
export type Request = ObjectKey;

export interface Result {
  /** Look again after this time even if nothing changes. */
  readonly requeueAfterMs?: number;
}

/**
 * Brings one object closer to what it should be. It is called again after what it throws, with growing pauses;
 * `signal` aborts when the controller stops or the time for one pass is over.
 */
export type Reconciler = (request: Request, signal: AbortSignal) => Promise<Result | undefined>;

/** A failure that trying again cannot cure; the object is left alone until it changes. */
export class TerminalError extends Error {
  readonly code = 'TerminalError';
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'TerminalError';
  }
}

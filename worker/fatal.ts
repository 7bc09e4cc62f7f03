import type { FatalCode } from '../api/messages/termination.ts';

/** An error that starting the worker again cannot cure: bad input, or something the machine lacks. Exit status 2. */
export class FatalError extends Error {
  readonly code: FatalCode;
  constructor(code: FatalCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'FatalError';
    this.code = code;
  }
}

/** Why a worker is to end although nothing is wrong: another one of its lane and side has taken over. */
export class Superseded extends Error {
  readonly code = 'Superseded';
  constructor(podAttempt: number, by: number) {
    super(`worker ${podAttempt} was superseded by worker ${by} of the same lane and side`);
    this.name = 'Superseded';
  }
}

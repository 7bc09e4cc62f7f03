/** An error that starting the worker again cannot cure: bad input, or something the machine lacks. Exit status 2. */
export class FatalError extends Error {
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'FatalError';
    this.code = code;
  }
}

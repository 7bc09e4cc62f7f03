/** A link could not be measured. */
export class ProbeFailed extends Error {
  readonly code = 'ProbeFailed';
  constructor(what: string, subject: string, reason: string) {
    super(`link probe, ${what} on ${subject}: ${reason}. Check that the remote worker and the data connection are up`);
    this.name = 'ProbeFailed';
  }
}

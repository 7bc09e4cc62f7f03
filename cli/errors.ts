/** Exit statuses of the command: the same for every subcommand. */
export const exitStatus = {
  done: 0,
  /** Some visits were rejected or failed. */
  incomplete: 1,
  /** The manifest or the arguments are wrong. */
  usage: 2,
  /** The tool or its surroundings failed. */
  failed: 3,
} as const;

/** A mistake in what the user asked for; `message` says what, where and what to do instead. Exit status 2. */
export class UsageError extends Error {
  readonly code = 'UsageError';
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UsageError';
  }
}

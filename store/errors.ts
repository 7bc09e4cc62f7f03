/** A subject that may be written once holds something else already. */
export class StoreConflict extends Error {
  readonly code = 'StoreConflict';
  readonly subject: string;
  constructor(subject: string) {
    super(`${subject} is taken: another worker, or an earlier run with other contents, wrote it first`);
    this.name = 'StoreConflict';
    this.subject = subject;
  }
}

/** The NATS server did not answer in the time allowed. */
export class StoreUnavailable extends Error {
  readonly code = 'StoreUnavailable';
  readonly subject: string;
  constructor(subject: string, cause: unknown) {
    super(`the store does not answer for ${subject}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
    this.name = 'StoreUnavailable';
    this.subject = subject;
  }
}

/** A stored record that this version of the tool cannot read. */
export class RecordUnreadable extends Error {
  readonly code = 'RecordUnreadable';
  readonly subject: string;
  constructor(subject: string, cause: unknown) {
    super(`${subject} is no record that this version can read: use the version that wrote it`, { cause });
    this.name = 'RecordUnreadable';
    this.subject = subject;
  }
}

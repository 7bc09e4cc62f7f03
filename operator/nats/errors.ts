/** A Secret of NATS keys cannot be used. */
export class KeysInvalid extends Error {
  readonly code = 'NatsKeysInvalid';
  /** `namespace/name` of the Secret, or where else the keys came from. */
  readonly source: string;
  constructor(source: string, what: string, options?: ErrorOptions) {
    super(
      `the NATS keys in ${source} cannot be used: ${what}. Restore the Secret from its backup, or delete it and restart ` +
        'operator and NATS for new keys: results kept under the old ones are then out of reach',
      options,
    );
    this.name = 'KeysInvalid';
    this.source = source;
  }
}

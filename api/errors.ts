/** A value that cannot be written as canonical JSON; `path` says where it stands. */
export class CanonicalJsonError extends TypeError {
  readonly code = 'NotCanonicalJson';
  readonly path: string;
  constructor(path: string, what: string) {
    super(`${path} is ${what}: canonical JSON holds null, booleans, finite numbers, strings, lists and plain objects`);
    this.name = 'CanonicalJsonError';
    this.path = path;
  }
}

/** A text that is not the number, quantity or duration it should be, or is out of bounds. */
export class FormatError extends RangeError {
  readonly code = 'BadFormat';
  readonly value: string;
  /** What would be accepted, as the end of a sentence: "a decimal number such as 0.1". */
  readonly accepted: string;
  constructor(value: string, accepted: string) {
    super(`"${value}" is not ${accepted}`);
    this.name = 'FormatError';
    this.value = value;
    this.accepted = accepted;
  }
}

/** A zoo model that there is not. */
export class UnknownZooModelError extends Error {
  override readonly name = 'UnknownZooModelError';
  readonly code = 'UnknownZooModel';

  constructor(model: string, known: readonly string[]) {
    super(`the zoo has no model '${model}'; it has ${known.join(', ')}`);
  }
}

/** A model file whose bytes are not those that the zoo describes. */
export class ZooDigestError extends Error {
  override readonly name = 'ZooDigestError';
  readonly code = 'ZooDigest';

  constructor(path: string, actual: string, expected: string, remedy: string) {
    super(`${path} has SHA-256 ${actual}, expected ${expected}: ${remedy}`);
  }
}

/** A cache folder in which a model can not be written. */
export class ZooCacheError extends Error {
  override readonly name = 'ZooCacheError';
  readonly code = 'ZooCache';

  constructor(path: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`cannot write ${path} (${reason}): free some space or set SPLITLAB_CACHE to a folder that can be written`, {
      cause,
    });
  }
}

/** A file on the web that cannot be had, however often it is asked for. */
export class FetchFailed extends Error {
  override readonly name = 'FetchFailed';
  readonly code = 'FetchFailed';

  constructor(url: URL, problem: string, remedy: string, cause?: unknown) {
    super(`${shown(url)}: ${problem}; ${remedy}`, { cause });
  }
}

/** A file on the web whose bytes are not those that the manifest means. */
export class DigestMismatch extends Error {
  override readonly name = 'DigestMismatch';
  readonly code = 'DigestMismatch';

  constructor(url: URL, actual: string, expected: string) {
    super(
      `${shown(url)} has SHA-256 ${actual}, expected ${expected}; correct sha256, or the URL if it leads to another file`,
    );
  }
}

/** A cache folder into which nothing can be written. */
export class CacheUnwritable extends Error {
  override readonly name = 'CacheUnwritable';
  readonly code = 'CacheUnwritable';

  constructor(path: string, cause: unknown) {
    const remedy =
      'free some space, set SPLITLAB_CACHE to a folder that can be written, or in a cluster give spec.cache a larger claim';
    super(`cannot write ${path} (${messageOf(cause)}); ${remedy}`, { cause });
  }
}

/** What another try may cure. */
export class FetchInterrupted extends Error {
  override readonly name = 'FetchInterrupted';
  readonly code = 'FetchInterrupted';
  /** How long the server asked to be left alone, in ms. */
  readonly retryAfterMs: number;

  constructor(problem: string, options: ErrorOptions & { readonly retryAfterMs?: number } = {}) {
    super(problem, options);
    this.retryAfterMs = options.retryAfterMs ?? 0;
  }
}

/** An address without what may be secret in it: user, password and query. */
export function shown({ origin, pathname }: URL): string {
  return `${origin}${pathname}`;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

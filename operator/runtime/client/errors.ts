/** Says which request failed, for messages: `apply pods default/a`. */
export interface RequestSubject {
  readonly verb: string;
  readonly resource: string;
  /** `namespace/name`, the namespace alone, or empty for the whole cluster. */
  readonly name: string;
}

/** One field or value that the server complains about. */
export interface StatusCause {
  readonly reason: string;
  readonly field: string;
  readonly message: string;
}

/** What the server said of a failure. */
export interface Failure {
  readonly status: number;
  readonly reason: string;
  readonly message: string;
  readonly causes: readonly StatusCause[];
  readonly retryAfterMs: number | null;
}

function subjectText({ verb, resource, name }: RequestSubject): string {
  return name ? `${verb} ${resource} ${name}` : `${verb} ${resource}`;
}

/**
 * The API server refused a request. One class per kind of refusal, so that callers ask with `instanceof`.
 * The message holds the server's own sentence and never a header.
 */
export class ApiError extends Error {
  readonly code: string = 'ApiError';
  readonly subject: RequestSubject;
  readonly failure: Failure;

  constructor(subject: RequestSubject, failure: Failure) {
    super(`${subjectText(subject)}: ${failure.message} (${failure.status} ${failure.reason || 'without a reason'})`);
    this.name = new.target.name;
    this.subject = subject;
    this.failure = failure;
  }

  get status(): number {
    return this.failure.status;
  }

  get reason(): string {
    return this.failure.reason;
  }
}

export class BadRequest extends ApiError {
  override readonly code = 'BadRequest';
}
/** The credentials are missing or no longer valid. */
export class Unauthorized extends ApiError {
  override readonly code = 'Unauthorized';
}
/** RBAC, a quota or an admission check (PodSecurity) says no; `failure.message` says which. */
export class Forbidden extends ApiError {
  override readonly code = 'Forbidden';
}
export class NotFound extends ApiError {
  override readonly code = 'NotFound';
}
export class AlreadyExists extends ApiError {
  override readonly code = 'AlreadyExists';
}
/** The object changed since it was read, or the precondition (UID, resourceVersion) does not hold: read again. */
export class Conflict extends ApiError {
  override readonly code = 'Conflict';
}
/** Another field manager owns a field of this server-side apply; `failure.causes` names fields and managers. */
export class FieldConflict extends ApiError {
  override readonly code = 'FieldConflict';
}
/** The resourceVersion or the continuation of a list is too old: list again. */
export class Gone extends ApiError {
  override readonly code = 'Gone';
}
/** The object breaks the schema or a rule; `failure.causes` names the fields. */
export class Invalid extends ApiError {
  override readonly code = 'Invalid';
}
export class TooManyRequests extends ApiError {
  override readonly code = 'TooManyRequests';
}
/** The server is there and could not answer (5xx); what was asked may have been done. */
export class ServerError extends ApiError {
  override readonly code = 'ServerError';
}

/** No answer came from the API server: refused, reset, cut, or not a Kubernetes answer. */
export class ApiUnreachable extends Error {
  readonly code = 'ApiUnreachable';
  readonly subject: RequestSubject;
  /** Whether the request cannot have reached the server. */
  readonly unsent: boolean;
  constructor(
    subject: RequestSubject,
    what: string,
    { cause, unsent = false }: { cause?: unknown; unsent?: boolean } = {},
  ) {
    super(`${subjectText(subject)}: no answer from the API server: ${what}`, { cause });
    this.name = 'ApiUnreachable';
    this.subject = subject;
    this.unsent = unsent;
  }
}

/** The answer did not come in the time allowed. */
export class ApiTimeout extends Error {
  readonly code = 'ApiTimeout';
  readonly subject: RequestSubject;
  constructor(subject: RequestSubject, timeoutMs: number) {
    super(`${subjectText(subject)}: no answer from the API server within ${timeoutMs} ms`);
    this.name = 'ApiTimeout';
    this.subject = subject;
  }
}

/** The way to the API server or the credentials for it could not be set up. */
export class ConnectionConfigError extends Error {
  readonly code = 'ConnectionConfig';
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'ConnectionConfigError';
  }
}

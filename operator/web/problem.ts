import type { ContentfulStatusCode } from 'hono/utils/http-status';

const reasons = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  409: 'Conflict',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
} as const;

export type ProblemStatus = keyof typeof reasons & ContentfulStatusCode;

/** Why a request is not answered, in words for the caller; what travels is a Kubernetes Status. */
export class Problem extends Error {
  readonly code: (typeof reasons)[ProblemStatus];
  readonly status: ProblemStatus;
  readonly retryAfterSeconds: number | null;
  constructor(
    status: ProblemStatus,
    message: string,
    { retryAfterSeconds = null, ...options }: ErrorOptions & { readonly retryAfterSeconds?: number | null } = {},
  ) {
    super(message, options);
    this.name = 'Problem';
    this.status = status;
    this.code = reasons[status];
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The body of an answer that reports a problem. */
export function statusOf({ status, code, message, retryAfterSeconds }: Problem) {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason: code,
    ...(retryAfterSeconds !== null && { details: { retryAfterSeconds } }),
    code: status,
  };
}

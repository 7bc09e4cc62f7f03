import { z } from 'zod';
import {
  AlreadyExists,
  ApiError,
  BadRequest,
  Conflict,
  type Failure,
  FieldConflict,
  Forbidden,
  Gone,
  Invalid,
  NotFound,
  type RequestSubject,
  ServerError,
  TooManyRequests,
  Unauthorized,
} from './errors.ts';

const text = z.string().catch('');
const statusSchema = z.object({
  kind: z.literal('Status'),
  code: z.int().catch(0),
  reason: text,
  message: text,
  details: z
    .object({
      retryAfterSeconds: z.number().optional().catch(undefined),
      causes: z
        .array(z.object({ reason: text.default(''), field: text.default(''), message: text.default('') }))
        .catch([]),
    })
    .nullish()
    .catch(null),
});

const byHttpStatus = new Map<number, typeof ApiError>([
  [400, BadRequest],
  [401, Unauthorized],
  [403, Forbidden],
  [404, NotFound],
  [409, Conflict],
  [410, Gone],
  [422, Invalid],
  [429, TooManyRequests],
]);

function classOf({ status, reason, causes }: Failure): typeof ApiError {
  if (reason === 'AlreadyExists') return AlreadyExists;
  if (reason === 'Expired' || reason === 'Gone') return Gone;
  if (status === 409 && causes.some((cause) => cause.reason === 'FieldManagerConflict')) return FieldConflict;
  return byHttpStatus.get(status) ?? (status >= 500 ? ServerError : ApiError);
}

/** Reads what the server says of a failure: a Status object, or the text that a proxy on the way answered. */
export function readFailure(status: number, body: unknown, retryAfterMs: number | null): Failure {
  const parsed = statusSchema.safeParse(body);
  if (!parsed.success) {
    const message = typeof body === 'string' && body.trim() !== '' ? body.trim().slice(0, 200) : 'no explanation';
    return { status, reason: '', message, causes: [], retryAfterMs };
  }
  const { code, reason, message, details } = parsed.data;
  const seconds = details?.retryAfterSeconds;
  return {
    status: code || status,
    reason,
    message: message || reason || 'no explanation',
    causes: details?.causes ?? [],
    retryAfterMs: retryAfterMs ?? (seconds === undefined ? null : seconds * 1000),
  };
}

/** The error class for what the server said. */
export function toApiError(subject: RequestSubject, failure: Failure): ApiError {
  return new (classOf(failure))(subject, failure);
}

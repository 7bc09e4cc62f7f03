import { ApiError, ApiTimeout, ApiUnreachable, ConnectionConfigError, type RequestSubject } from './errors.ts';

/** Failures in which not a byte of the request left this process. */
const unsentCodes = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'UND_ERR_CONNECT_TIMEOUT']);

const ours = [ApiError, ApiTimeout, ApiUnreachable, ConnectionConfigError];

/** What a socket, TLS or undici reports, as an error of this client; the original stays as its cause. */
export function explain(subject: RequestSubject, error: unknown): unknown {
  if (ours.some((kind) => error instanceof kind)) return error;
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return error;
  const { code, message } = error;
  // Node joins the failures of several addresses in an error without a message.
  return new ApiUnreachable(subject, message || code, { cause: error, unsent: unsentCodes.has(code) });
}

import { once } from 'node:events';
import * as http from 'node:http';
import * as https from 'node:https';
import { getCACertificates } from 'node:tls';
import { FetchFailed, FetchInterrupted, messageOf } from './errors.ts';

export interface RequestOptions {
  /** Sent to the origin of the URL alone: after a redirect to another one they are left out. */
  readonly headers: Readonly<Record<string, string>>;
  /** The first byte wanted, and which version of the file has it. */
  readonly range?: { readonly from: number; readonly validator: string | null };
  /** Without a byte for so long a connection counts as broken. */
  readonly idleMs: number;
  readonly signal: AbortSignal;
}

const maxRedirects = 10;

/**
 * Asks for a file and follows redirects; the answer's body has not been read. Throws `FetchInterrupted` for what may
 * pass, `FetchFailed` for what will not, or the signal's reason.
 */
export async function request(url: URL, options: RequestOptions): Promise<http.IncomingMessage> {
  let at = url;
  let headers = options.headers;
  for (let redirects = 0; redirects <= maxRedirects; redirects++) {
    const response = await ask(at, { ...options, headers });
    const { statusCode = 0, headers: answered } = response;
    if (statusCode < 300 || statusCode >= 400 || answered.location === undefined) return response;
    response.destroy();
    const next = URL.parse(answered.location, at);
    if (next === null) throw new FetchFailed(at, 'redirects to what is no address', 'correct the URL');
    if (at.protocol === 'https:' && next.protocol !== 'https:') {
      throw new FetchFailed(at, `redirects to ${next.protocol}, out of TLS`, 'use the URL of the file itself');
    }
    if (next.origin !== at.origin) headers = {};
    at = next;
  }
  throw new FetchFailed(url, `redirects more than ${maxRedirects} times`, 'use the URL of the file itself');
}

async function ask(url: URL, { headers, range, idleMs, signal }: RequestOptions): Promise<http.IncomingMessage> {
  signal.throwIfAborted();
  const secure = url.protocol === 'https:';
  if (!secure && url.protocol !== 'http:') {
    throw new FetchFailed(url, `${url.protocol} is not fetched`, 'use an address that begins with http:// or https://');
  }
  const options: https.RequestOptions = {
    headers: {
      ...headers,
      // As it lies there: a range of compressed bytes would be of no use.
      'accept-encoding': 'identity',
      ...(range && { range: `bytes=${range.from}-`, ...(range.validator !== null && { 'if-range': range.validator }) }),
    },
    timeout: idleMs,
    signal,
    ...(secure && { ca: certificates() }),
  };
  const sent = start(url, secure, options);
  sent.on('timeout', () => sent.destroy(new FetchInterrupted(`sent nothing for ${idleMs / 1000} s`)));
  sent.end();
  try {
    const [response] = (await once(sent, 'response')) as [http.IncomingMessage];
    return response;
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof FetchInterrupted) throw cause;
    throw new FetchInterrupted(messageOf(cause), { cause });
  }
}

/** Node refuses a header that cannot be one, by its name and without its value. */
function start(url: URL, secure: boolean, options: https.RequestOptions): http.ClientRequest {
  try {
    return secure ? https.request(url, options) : http.request(url, options);
  } catch (cause) {
    throw new FetchFailed(url, `a header cannot be sent: ${messageOf(cause)}`, 'correct the Secret', cause);
  }
}

let trusted: string[] | undefined;

/** The authorities that Node comes with or was started with, and those of this machine. */
function certificates(): string[] {
  trusted ??= [...new Set([...getCACertificates('default'), ...getCACertificates('system')])];
  return trusted;
}

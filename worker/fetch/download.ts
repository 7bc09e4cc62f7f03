import type { IncomingMessage } from 'node:http';
import { pause } from '../../store/pause.ts';
import { isVerified } from '../verified.ts';
import { CacheUnwritable, DigestMismatch, FetchFailed, FetchInterrupted, messageOf } from './errors.ts';
import { openPartial, type PartialFile } from './partial.ts';
import { request } from './request.ts';

/** A file on the web; `sha256` as hex digits. */
export interface Source {
  readonly url: string;
  readonly sha256: string;
}

export interface DownloadOptions {
  /** Where the file is to be. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Beyond it nothing is taken. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
  /** Told of each piece that has come, and what the server says the whole is. */
  readonly onProgress?: (bytes: number, totalBytes: number | null) => void;
  readonly patience?: Partial<Patience>;
}

/** How long a server is believed in. */
export interface Patience {
  /** Tries in a row that bring nothing new. */
  readonly tries: number;
  /** Before the second try; each further one waits twice as long, at most `maxDelayMs`. */
  readonly delayMs: number;
  readonly maxDelayMs: number;
  /** A connection that brings nothing for so long is broken. */
  readonly idleMs: number;
}

const usual: Patience = { tries: 6, delayMs: 500, maxDelayMs: 30_000, idleMs: 30_000 };

/**
 * Makes sure that a file of the web is at `path`, with exactly the bytes that its SHA-256 means: it appears whole or
 * not at all, however many processes fetch it at once. An interrupted download goes on where it ended, also in a later
 * process, where the server can do that. Throws `FetchFailed`, `DigestMismatch`, `CacheUnwritable`, or the signal's
 * reason.
 */
export async function download(source: Source, options: DownloadOptions): Promise<void> {
  const { path, signal } = options;
  if (await isVerified(path, source.sha256)) return;
  const url = new URL(source.url);
  const patience = { ...usual, ...options.patience };
  await using partial = await openPartial(path);
  try {
    await fetchAll(url, source.sha256, partial, options, patience);
  } catch (error) {
    if (signal.aborted || error instanceof FetchFailed) await partial.park().catch(() => {});
    throw error;
  }
  await partial.finish(source.sha256);
}

async function fetchAll(
  url: URL,
  sha256: string,
  partial: PartialFile,
  options: DownloadOptions,
  patience: Patience,
): Promise<void> {
  const version: Version = { validator: null };
  let mostBytes = partial.bytes;
  let idleTries = 0;
  let mismatches = 0;
  for (;;) {
    options.signal.throwIfAborted();
    let problem: FetchInterrupted;
    try {
      const begunAt = partial.bytes;
      const { lengthKnown } = await receive(url, partial, version, options, patience.idleMs);
      const actual = partial.digest();
      if (actual === sha256) return;
      // Put together from two answers, or ended by a connection that broke unseen: the whole again, once.
      if ((begunAt === 0 && lengthKnown) || ++mismatches > 1) throw new DigestMismatch(url, actual, sha256);
      await partial.startOver();
      continue;
    } catch (error) {
      if (!(error instanceof FetchInterrupted)) throw error;
      problem = error;
    }
    idleTries = partial.bytes > mostBytes ? 1 : idleTries + 1;
    mostBytes = Math.max(mostBytes, partial.bytes);
    if (idleTries >= patience.tries) {
      const remedy = 'check the address, and that the machine of the worker reaches it';
      throw new FetchFailed(url, `${problem.message} (${idleTries} tries)`, remedy, problem);
    }
    const waitMs = Math.min(patience.delayMs * 2 ** (idleTries - 1), patience.maxDelayMs);
    await pause(Math.max(waitMs, problem.retryAfterMs), options.signal);
  }
}

/** What tells one version of a file from another; `validator` is its ETag or time of change. */
interface Version {
  validator: string | null;
}

async function receive(
  url: URL,
  partial: PartialFile,
  known: Version,
  { headers, maxBytes, signal, onProgress }: DownloadOptions,
  idleMs: number,
): Promise<{ readonly lengthKnown: boolean }> {
  const from = partial.bytes;
  const response = await request(url, {
    headers,
    idleMs,
    signal,
    ...(from > 0 && { range: { from, validator: known.validator } }),
  });
  try {
    const total = await place(url, response, partial);
    known.validator = strongValidator(response);
    if (total !== null && total > maxBytes) throw tooLarge(url, total, maxBytes);
    onProgress?.(partial.bytes, total);
    for await (const chunk of response as AsyncIterable<Uint8Array>) {
      if (partial.bytes + chunk.length > maxBytes) throw tooLarge(url, partial.bytes + chunk.length, maxBytes);
      await partial.append(chunk);
      onProgress?.(partial.bytes, total);
    }
    if (total !== null && partial.bytes < total) {
      throw new FetchInterrupted(`the answer ended after ${partial.bytes} of ${total} bytes`);
    }
    return { lengthKnown: total !== null };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof FetchFailed || error instanceof FetchInterrupted || error instanceof CacheUnwritable)
      throw error;
    throw new FetchInterrupted(`the answer broke off after ${partial.bytes} bytes: ${messageOf(error)}`, {
      cause: error,
    });
  } finally {
    response.destroy();
  }
}

/** Brings the file to where the answer goes on, and tells the size of the whole; null where the server does not say. */
async function place(url: URL, response: IncomingMessage, partial: PartialFile): Promise<number | null> {
  const { statusCode = 0, headers } = response;
  if (statusCode === 206) {
    const [, from, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers['content-range'] ?? '') ?? [];
    if (Number(from) === partial.bytes) return total === undefined || total === '*' ? null : Number(total);
  }
  const useless = partial.bytes > 0 && (statusCode === 200 || statusCode === 206 || statusCode === 416);
  if (useless) await partial.startOver();
  if (statusCode === 200) return headers['content-length'] === undefined ? null : Number(headers['content-length']);
  // A range that is not there any more, or not the one asked for: the whole is asked for next.
  if (useless) throw new FetchInterrupted('the server has another file now');
  throw refusal(url, statusCode, headers['retry-after']);
}

const passing = new Set([408, 425, 429, 500, 502, 503, 504]);
const maxRetryAfterMs = 60_000;

function refusal(url: URL, status: number, retryAfter: string | undefined): Error {
  const problem = `the server answered ${status}`;
  if (passing.has(status)) {
    const retryAfterMs = Math.min((Number(retryAfter) || 0) * 1000, maxRetryAfterMs);
    return new FetchInterrupted(problem, { retryAfterMs });
  }
  const secret = status === 401 || status === 403;
  return new FetchFailed(url, problem, secret ? 'give what it asks for with headersSecretRef' : 'correct the URL');
}

/** Only a strong validator may stand before a range (RFC 9110, section 13.1.5). */
function strongValidator({ headers }: IncomingMessage): string | null {
  const { etag } = headers;
  return etag !== undefined && !etag.startsWith('W/') ? etag : (headers['last-modified'] ?? null);
}

function tooLarge(url: URL, bytes: number, maxBytes: number): FetchFailed {
  return new FetchFailed(url, `${bytes} bytes or more, and ${maxBytes} are taken at most`, 'use a smaller file');
}

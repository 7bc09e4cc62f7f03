import type { Dispatcher } from 'undici';
import type { Clock } from '../clock.ts';
import { abortable } from './abortable.ts';
import type { ConnectionConfig } from './credentials.ts';
import { type ApiError, ApiTimeout, type RequestSubject, Unauthorized } from './errors.ts';
import { explain } from './explain.ts';
import { LinkedAbort } from './linked-signal.ts';
import { failureOf, noRequestMetrics, type RequestMetrics, type RequestOutcome } from './metrics.ts';
import { Pools } from './pools.ts';
import { retryDelayMs } from './retry.ts';
import { readFailure, toApiError } from './status.ts';

export interface ApiRequest {
  readonly subject: RequestSubject;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: string;
  readonly contentType?: string;
  readonly accept?: string;
  /** Whether sending it twice does no more than sending it once. */
  readonly idempotent: boolean;
  /** For everything, retries and pauses included. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  /** Called before each attempt; what it throws, the call throws. */
  readonly fence?: () => void;
  /** False: one attempt, for callers that have a rhythm of their own. */
  readonly retry: boolean;
}

export interface TransportOptions {
  readonly config: ConnectionConfig;
  readonly clock: Clock;
  readonly random: () => number;
  readonly connections: number;
  readonly userAgent: string;
  readonly metrics?: RequestMetrics;
}

const never = new AbortController().signal;

/** An attempt that hangs on a dead connection leaves time for another on a new one. */
const attemptShare = 1 / 3;

/** Sends requests to the API server over kept connections and repeats those that may be repeated. */
export class Transport {
  readonly #options: TransportOptions;
  readonly #pools: Pools;
  readonly #running = new Set<Promise<string>>();

  constructor(options: TransportOptions) {
    this.#options = options;
    this.#pools = new Pools(options.config, options.connections, options.clock);
  }

  /** The body of a successful answer. Throws ApiError, ApiUnreachable, ApiTimeout or the signal's reason. */
  async send(request: ApiRequest): Promise<string> {
    const sent = this.#send(request);
    this.#running.add(sent);
    try {
      return await sent;
    } finally {
      this.#running.delete(sent);
    }
  }

  async #send(request: ApiRequest): Promise<string> {
    const { clock, random } = this.#options;
    const deadlineMs = clock.monotonic() + request.timeoutMs;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#renewing(() => this.#attempt(request, deadlineMs));
      } catch (error) {
        request.signal?.throwIfAborted();
        const waitMs = request.retry ? retryDelayMs(error, attempt, request.idempotent, random()) : null;
        if (waitMs === null || clock.monotonic() + waitMs >= deadlineMs) throw error;
        await clock.sleep(waitMs, request.signal ?? never);
      }
    }
  }

  /**
   * Opens an answer that goes on for long. The caller reads `body` to its end or destroys it; `signal` cuts it.
   * Only the wait for the answer's start is bounded by `timeoutMs`.
   */
  async open(request: ApiRequest, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    using abort = new LinkedAbort(signal);
    const late = this.#options.clock.after(request.timeoutMs, () =>
      abort.abort(new ApiTimeout(request.subject, request.timeoutMs)),
    );
    try {
      const answer = await this.#renewing(() => this.#exchange(request, abort.signal, true));
      const cut = (): void => void answer.body.destroy();
      signal.addEventListener('abort', cut, { once: true });
      answer.body.once('close', () => signal.removeEventListener('abort', cut));
      // A body destroyed on purpose reports an error to nobody.
      answer.body.on('error', () => {});
      if (signal.aborted) cut();
      return answer;
    } finally {
      late();
    }
  }

  /** Waits for requests that run, cuts watches, closes the connections. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#running);
    await this.#pools.destroy();
  }

  /** Tries again with other credentials where the server refuses these. */
  async #renewing<Answer>(exchange: () => Promise<Answer>): Promise<Answer> {
    try {
      return await exchange();
    } catch (error) {
      if (!(error instanceof Unauthorized)) throw error;
      await this.#pools.renew();
      return await exchange();
    }
  }

  async #attempt(request: ApiRequest, deadlineMs: number): Promise<string> {
    const { clock } = this.#options;
    const leftMs = Math.max(deadlineMs - clock.monotonic(), 1);
    const attemptMs = request.idempotent && request.retry ? Math.min(leftMs, request.timeoutMs * attemptShare) : leftMs;
    using abort = new LinkedAbort(request.signal);
    const late = clock.after(attemptMs, () => abort.abort(new ApiTimeout(request.subject, Math.round(attemptMs))));
    try {
      const answer = await this.#exchange(request, abort.signal, false);
      return await answer.body.text();
    } catch (error) {
      abort.signal.throwIfAborted();
      throw explain(request.subject, error);
    } finally {
      late();
    }
  }

  /** One request; an answer that is an error is read and thrown. */
  async #exchange(request: ApiRequest, signal: AbortSignal, watch: boolean): Promise<Dispatcher.ResponseData> {
    let told = (_: RequestOutcome): void => {};
    try {
      const { dispatcher, headers } = await abortable(this.#pools.way(watch), signal);
      request.fence?.();
      told = this.#sending(request);
      const sent = dispatcher.request({
        origin: this.#options.config.server.origin,
        path: this.#prefix + request.path,
        method: request.method,
        body: request.body ?? null,
        headers: {
          ...headers,
          accept: request.accept ?? 'application/json',
          'user-agent': this.#options.userAgent,
          ...(request.body === undefined ? {} : { 'content-type': request.contentType ?? 'application/json' }),
        },
        signal,
        blocking: false,
      });
      const answer = await abortable(sent, signal, ({ body }) => void body.destroy());
      told(answer.statusCode);
      told = () => {};
      if (answer.statusCode >= 200 && answer.statusCode < 300) return answer;
      throw await this.#refusal(request.subject, answer);
    } catch (error) {
      told(failureOf(error, signal));
      signal.throwIfAborted();
      throw explain(request.subject, error);
    }
  }

  /** Takes the time of a request; to be called with what became of it. */
  #sending(request: ApiRequest): (outcome: RequestOutcome) => void {
    const { clock, config, metrics = noRequestMetrics } = this.#options;
    const sinceMs = clock.monotonic();
    return (outcome) => metrics.request(request, config.server, outcome, clock.monotonic() - sinceMs);
  }

  async #refusal(subject: RequestSubject, answer: Dispatcher.ResponseData): Promise<ApiError> {
    const text = await answer.body.text();
    const after = Number(answer.headers['retry-after']);
    const retryAfterMs = Number.isFinite(after) && after >= 0 ? after * 1000 : null;
    return toApiError(subject, readFailure(answer.statusCode, parseOrText(text), retryAfterMs));
  }

  get #prefix(): string {
    const { pathname } = this.#options.config.server;
    return pathname === '/' ? '' : pathname.replace(/\/$/, '');
  }
}

function parseOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

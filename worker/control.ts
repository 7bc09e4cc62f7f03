import type { Msg, NatsConnection } from 'nats';
import { z } from 'zod';
import { errorReplySchema } from '../api/messages/worker.ts';
import { type Origin, originHeaders, readOrigin } from './origin.ts';
import type { Connection } from './transport/connection.ts';
import { LinkInterrupted } from './transport/errors.ts';

/** The other side of the control connection does not answer. */
export class WorkerSilent extends Error {
  readonly code = 'WorkerSilent';
  constructor(subject: string, cause: unknown) {
    super(`no answer on ${subject}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.name = 'WorkerSilent';
  }
}

/** The other side answered with an error; `code` is the one of its error. */
export class RequestRefused extends Error {
  readonly code: string;
  constructor(subject: string, code: string, message: string) {
    super(`${subject}: ${message}`);
    this.name = 'RequestRefused';
    this.code = code;
  }
}

export interface RequestOptions {
  readonly timeoutMs: number;
  /** Ends the wait for an answer with its reason. */
  readonly signal?: AbortSignal;
  /** On whose behalf, for the logs and traces of who answers. */
  readonly origin?: Origin | null;
}

/**
 * Sends one JSON request and checks the answer. Throws `WorkerSilent`, also as soon as the connection breaks since the
 * answer may be lost with it, `RequestRefused`, or the signal's reason.
 */
export async function request<S extends z.ZodType>(
  connection: Connection,
  subject: string,
  payload: unknown,
  reply: S,
  options: RequestOptions,
): Promise<z.infer<S>> {
  const value: unknown = (await ask(connection, subject, JSON.stringify(payload), options)).json();
  const refused = errorReplySchema.safeParse(value);
  if (refused.success) throw new RequestRefused(subject, refused.data.error.code, refused.data.error.message);
  const parsed = reply.safeParse(value);
  if (!parsed.success) throw new RequestRefused(subject, 'BadReply', z.prettifyError(parsed.error));
  return parsed.data;
}

async function ask(
  connection: Connection,
  subject: string,
  text: string,
  { timeoutMs, signal, origin = null }: RequestOptions,
): Promise<Msg> {
  signal?.throwIfAborted();
  if (!connection.connected) throw new WorkerSilent(subject, new LinkInterrupted('the control connection is down'));
  const ended = Promise.withResolvers<never>();
  const abort = () => ended.reject(signal?.reason);
  const stopListening = connection.onInterruption((error) => ended.reject(new WorkerSilent(subject, error)));
  signal?.addEventListener('abort', abort, { once: true });
  const answered = connection.client
    .request(subject, text, {
      timeout: timeoutMs,
      ...(origin && { headers: originHeaders(origin) }),
    })
    .catch((error: unknown) => {
      throw new WorkerSilent(subject, error);
    });
  try {
    return await Promise.race([answered, ended.promise]);
  } finally {
    stopListening();
    signal?.removeEventListener('abort', abort);
  }
}

type Handler<S extends z.ZodType> = (payload: z.infer<S>, origin: Origin | null) => Promise<unknown> | unknown;

/** Answers JSON requests on a subject one after the other; an error of the handler travels back as an error reply. */
export function serve<S extends z.ZodType>(
  connection: NatsConnection,
  subject: string,
  schema: S,
  handle: Handler<S>,
): void {
  let last: Promise<unknown> = Promise.resolve();
  connection.subscribe(subject, {
    callback: (error, message) => {
      if (error) return;
      last = last.then(async () => {
        const reply = JSON.stringify(await answer(schema, handle, message));
        // Whoever asked over a connection that is closed by now asks again.
        if (!connection.isClosed()) message.respond(reply);
      });
    },
  });
}

async function answer<S extends z.ZodType>(schema: S, handle: Handler<S>, message: Msg): Promise<unknown> {
  try {
    return await handle(schema.parse(message.json()), readOrigin(message.headers));
  } catch (error) {
    return { error: { code: codeOf(error), message: error instanceof Error ? error.message : String(error) } };
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'InternalError';
}

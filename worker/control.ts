import { errors, type Msg, type NatsConnection } from 'nats';
import { z } from 'zod';
import { errorReplySchema } from '../api/messages/worker.ts';

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

/** Sends one JSON request and checks the answer. Throws `WorkerSilent` or `RequestRefused`. */
export async function request<S extends z.ZodType>(
  connection: NatsConnection,
  subject: string,
  payload: unknown,
  reply: S,
  timeoutMs: number,
): Promise<z.infer<S>> {
  let message: Msg;
  try {
    message = await connection.request(subject, JSON.stringify(payload), { timeout: timeoutMs });
  } catch (error) {
    throw new WorkerSilent(subject, error);
  }
  const value: unknown = message.json();
  const refused = errorReplySchema.safeParse(value);
  if (refused.success) throw new RequestRefused(subject, refused.data.error.code, refused.data.error.message);
  const parsed = reply.safeParse(value);
  if (!parsed.success) throw new RequestRefused(subject, 'BadReply', z.prettifyError(parsed.error));
  return parsed.data;
}

/** Answers JSON requests on a subject one after the other; an error of the handler travels back as an error reply. */
export function serve<S extends z.ZodType>(
  connection: NatsConnection,
  subject: string,
  schema: S,
  handle: (payload: z.infer<S>) => Promise<unknown> | unknown,
): void {
  let last: Promise<unknown> = Promise.resolve();
  connection.subscribe(subject, {
    callback: (error, message) => {
      if (error) return;
      last = last.then(async () => message.respond(JSON.stringify(await answer(schema, handle, message))));
    },
  });
}

async function answer<S extends z.ZodType>(
  schema: S,
  handle: (payload: z.infer<S>) => Promise<unknown> | unknown,
  message: Msg,
): Promise<unknown> {
  try {
    return await handle(schema.parse(message.json()));
  } catch (error) {
    return { error: { code: codeOf(error), message: error instanceof Error ? error.message : String(error) } };
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'InternalError';
}

/** Whether an error of a request may pass when the other side comes back. */
export function isSilence(error: unknown): boolean {
  return error instanceof WorkerSilent || error instanceof errors.ConnectionError;
}

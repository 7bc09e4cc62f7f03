import type { Msg, NatsConnection } from 'nats';
import { z } from 'zod';
import {
  configureLinkSchema,
  type LinkProfile,
  type LinkStatus,
  linkStatusRequestSchema,
} from '../../api/messages/link.ts';
import type { ErrorReply } from '../../api/messages/worker.ts';
import { type ExperimentScope, subjects } from '../../api/subjects.ts';
import type { LinkEmulator } from './emulator.ts';
import { LinkRequestInvalid } from './errors.ts';

export interface ControlOptions {
  readonly connection: NatsConnection;
  readonly scope: ExperimentScope;
  readonly lane: number;
  /** Of this pod's emulator alone: see `podToken`. */
  readonly pod: string;
  readonly emulator: LinkEmulator;
  /** Tells one start of the emulator from the next. */
  readonly instance: string;
  readonly onConfigure?: (profile: LinkProfile) => void;
  readonly onRefusal?: (error: Error) => void;
}

/** Answers `link.configure` and `link.status` of a lane until the connection closes. */
export function serveControl(options: ControlOptions): void {
  const { connection, emulator } = options;
  const subject = subjects(options.scope);
  const status = (): LinkStatus => ({ instance: options.instance, ...emulator.status() });

  const serve = (request: string, handle: (body: unknown) => LinkStatus) =>
    connection.subscribe(subject.link(options.lane, options.pod, request), {
      callback(error, message) {
        if (error === null) reply(message, request, handle);
      },
    });
  const reply = (message: Msg, request: string, handle: (body: unknown) => LinkStatus) => {
    let answer: LinkStatus | ErrorReply;
    try {
      answer = handle(parseJson(message));
    } catch (cause) {
      const error = new LinkRequestInvalid(request, describe(cause));
      options.onRefusal?.(error);
      answer = { error: { code: error.code, message: error.message } };
    }
    message.respond(JSON.stringify(answer));
  };

  serve('configure', (body) => {
    const { profile } = configureLinkSchema.parse(body);
    emulator.configure(profile);
    options.onConfigure?.(profile);
    return status();
  });
  serve('status', (body) => {
    const { resetStatistics, bursts } = linkStatusRequestSchema.parse(body);
    const answer = { ...status(), ...(bursts && { bursts: emulator.bursts() }) };
    if (resetStatistics) emulator.resetStatistics();
    return answer;
  });
}

function parseJson(message: Msg): unknown {
  return message.data.length === 0 ? {} : JSON.parse(message.string());
}

function describe(cause: unknown): string {
  if (cause instanceof z.ZodError) return z.prettifyError(cause).replaceAll('\n', ' ');
  return cause instanceof Error ? cause.message : String(cause);
}

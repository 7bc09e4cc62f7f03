import type { Transferable, Worker } from 'node:worker_threads';
import { SessionBusyError, SessionClosedError, SessionCrashedError } from './errors.ts';
import type { ThreadReply, ThreadRequest } from './thread-messages.ts';

/** The calling thread's hold on a session's thread: one request at a time, each with its reply. */
export interface ThreadHost {
  /** Throws `SessionBusyError`, `SessionClosedError`, `SessionCrashedError` or the signal's reason, unless idle. */
  assertIdle(): void;
  /** Rejects with what `assertIdle` throws, also when it comes to that before the reply. */
  request(request: ThreadRequest, transfer?: readonly Transferable[]): Promise<ThreadReply>;
  /** Lets a request under way finish, asks the thread to end, and resolves once it has. */
  close(): Promise<void>;
}

interface Waiting {
  readonly resolve: (reply: ThreadReply) => void;
  readonly reject: (reason: unknown) => void;
}

/** Takes hold of a fresh worker thread; an abort of the signal ends the thread at once. */
export function hostThread(worker: Worker, signal?: AbortSignal): ThreadHost {
  let waiting: Waiting | undefined;
  let ending: unknown;
  let closing: Promise<void> | undefined;
  const ended = Promise.withResolvers<void>();

  const settle = (act: (waiting: Waiting) => void) => {
    const settled = waiting;
    waiting = undefined;
    if (settled) act(settled);
  };
  const fail = (reason: unknown) => {
    ending ??= reason;
    settle(({ reject }) => reject(ending));
  };
  const onAbort = () => {
    fail(signal?.reason);
    void worker.terminate();
  };

  worker.on('message', (reply: ThreadReply) => settle(({ resolve }) => resolve(reply)));
  worker.on('messageerror', (error) => fail(new SessionCrashedError('an unreadable message', { cause: error })));
  worker.on('error', (error) => fail(new SessionCrashedError(String(error), { cause: error })));
  worker.on('exit', (status) => {
    signal?.removeEventListener('abort', onAbort);
    fail(closing ? new SessionClosedError() : new SessionCrashedError(`exit status ${status}`));
    ended.resolve();
  });
  if (signal?.aborted) onAbort();
  else signal?.addEventListener('abort', onAbort, { once: true });

  const assertIdle = () => {
    if (ending) throw ending;
    if (closing) throw new SessionClosedError();
    if (waiting) throw new SessionBusyError();
  };

  return {
    assertIdle,
    async request(request, transfer = []) {
      assertIdle();
      const { promise, resolve, reject } = Promise.withResolvers<ThreadReply>();
      waiting = { resolve, reject };
      worker.postMessage(request, transfer);
      return promise;
    },
    close() {
      if (!closing) {
        closing = ended.promise;
        worker.postMessage({ kind: 'close' } satisfies ThreadRequest);
      }
      return closing;
    },
  };
}

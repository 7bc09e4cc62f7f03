import type { Transferable, Worker } from 'node:worker_threads';
import { SessionBusyError, SessionClosedError, SessionCrashedError } from './errors.ts';
import type { ThreadReply, ThreadRequest } from './thread-messages.ts';

/** The calling thread's hold on a session's thread: one request at a time, each with its reply. */
export interface ThreadHost {
  /** Throws `SessionBusyError`, `SessionClosedError`, `SessionCrashedError` or the signal's reason, unless idle. */
  assertIdle(): void;
  /** Rejects with what `assertIdle` throws, also when it comes to that before the reply. */
  request(request: ThreadRequest, transfer?: readonly Transferable[]): Promise<ThreadReply>;
  /** Lets a request under way finish, has the session freed, and resolves once it is or the thread has ended. */
  close(): Promise<void>;
}

interface Waiting {
  readonly resolve: (reply: ThreadReply) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Takes hold of a worker thread without a session. An abort of the signal rejects the request under way at once and ends
 * the thread when it is done with it. `leave` gets the thread back once its session is freed, unless the signal aborted.
 */
export function hostThread(worker: Worker, leave: (worker: Worker) => void, signal?: AbortSignal): ThreadHost {
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
    // Ended while ONNX Runtime works, the thread would take the whole process down: its binding finds no JavaScript to
    // return to and aborts (onnxruntime-node 1.30).
    void close();
  };

  const onMessage = (reply: ThreadReply) => {
    if (reply.kind !== 'closed') return settle(({ resolve }) => resolve(reply));
    if (signal?.aborted) return void worker.terminate();
    letGo();
    fail(new SessionClosedError());
    leave(worker);
    ended.resolve();
  };
  const onUnreadable = (error: Error) => fail(new SessionCrashedError('an unreadable message', { cause: error }));
  const onError = (error: unknown) => fail(new SessionCrashedError(String(error), { cause: error }));
  const onExit = (status: number) => {
    letGo();
    fail(closing ? new SessionClosedError() : new SessionCrashedError(`exit status ${status}`));
    ended.resolve();
  };
  const letGo = () => {
    signal?.removeEventListener('abort', onAbort);
    worker.off('message', onMessage).off('messageerror', onUnreadable).off('error', onError).off('exit', onExit);
  };
  worker.on('message', onMessage).on('messageerror', onUnreadable).on('error', onError).on('exit', onExit);
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
    close,
  };

  function close(): Promise<void> {
    if (!closing) {
      closing = ended.promise;
      worker.postMessage({ kind: 'close' } satisfies ThreadRequest);
    }
    return closing;
  }
}

import { setTimeout as delay } from 'node:timers/promises';
import {
  type OperatorProcess,
  type OperatorProcessOptions,
  startOperatorProcess,
} from '../../support/operator-process.ts';

/** A replica of the operator that is started again whenever it ends, as a Deployment's pod is. */
export interface Replica extends AsyncDisposable {
  /** The process that runs now. */
  readonly current: OperatorProcess;
  /** How each process before it ended. */
  readonly ends: readonly (string | number | null)[];
  /** Ends the current process as a crash would; resolves when the next one was started. */
  kill(): Promise<void>;
}

const pauseMs = 200;

export async function startReplica(options: OperatorProcessOptions): Promise<Replica> {
  const stop = new AbortController();
  const { signal } = stop;
  const ends: (string | number | null)[] = [];
  let current = await startOperatorProcess(options);
  let next = Promise.withResolvers<void>();
  const kept = keep();

  async function keep(): Promise<void> {
    for (;;) {
      const { status, signal: by } = await current.ended;
      if (signal.aborted) return;
      ends.push(status ?? by);
      await delay(pauseMs, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      current = await startOperatorProcess(options);
      next.resolve();
      next = Promise.withResolvers();
    }
  }

  return {
    get current() {
      return current;
    },
    ends,
    async kill() {
      const started = next.promise;
      await current.kill();
      await started;
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await current.kill();
      await kept;
    },
  };
}

import { type Logger, pino } from 'pino';
import type { z } from 'zod';
import { FatalError } from './fatal.ts';
import { readConfig } from './read-config.ts';

/** What a worker tells the process that started it before it ends because of a `FatalError`. */
export interface FatalReport {
  readonly fatal: { readonly code: string; readonly message: string };
}

export interface WorkerContext<C> {
  readonly config: C;
  readonly log: Logger;
  /** Aborts when the worker is asked to stop. */
  readonly signal: AbortSignal;
}

/**
 * Life of a worker process: reads its configuration (JSON, the path is the only argument), logs to stdout what is of
 * level `SPLITLAB_LOG_LEVEL` (default info) or above, runs `main`
 * until it returns or a signal asks it to stop, and ends at once when the process that started it is gone. Exit status
 * 0 done, 1 failed, 2 failed for good, 143 stopped.
 */
export async function runWorker<S extends z.ZodType>(
  name: string,
  schema: S,
  main: (context: WorkerContext<z.infer<S>>) => Promise<void>,
): Promise<void> {
  const log = pino({ name, base: { pid: process.pid }, level: process.env.SPLITLAB_LOG_LEVEL ?? 'info' });
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => stop.abort(new DOMException(`stopped by ${signal}`, 'AbortError')));
  }
  // Nobody would end this process later, and nobody waits for what it still has to say. An exit would wait for threads.
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  let status = 0;
  try {
    const config = await readConfig(schema, process.argv[2]);
    await main({ config, log, signal: stop.signal });
  } catch (error) {
    if (!stop.signal.aborted) {
      status = error instanceof FatalError ? 2 : 1;
      log.fatal({ err: error }, 'worker failed');
      if (error instanceof FatalError) await report(error);
    }
  }
  // Stopped is not done: whoever did not ask for it must not take it for that.
  process.exit(stop.signal.aborted ? 143 : status);
}

function report({ code, message }: FatalError): Promise<void> {
  const text: FatalReport = { fatal: { code, message } };
  return new Promise((resolve) => {
    if (process.send) process.send(text, undefined, undefined, () => resolve());
    else resolve();
  });
}

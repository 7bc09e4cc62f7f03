import { writeFileSync } from 'node:fs';
import { type Logger, pino } from 'pino';
import type { z } from 'zod';
import type { spansMessageSchema } from '../api/messages/spans.ts';
import { exitStatuses, formatTermination, type Termination } from '../api/messages/termination.ts';
import { FatalError, Superseded } from './fatal.ts';
import { type Health, serveHealth } from './health.ts';
import { type Meters, openMeters } from './metrics/meters.ts';
import { readConfig } from './read-config.ts';
import { catchStop } from './stop.ts';

export interface WorkerContext<C> {
  readonly config: C;
  readonly log: Logger;
  /** Aborts when the worker is asked to stop. */
  readonly signal: AbortSignal;
  /** To be called once the worker does its work; it counts as ready while `check` says so. */
  readonly ready: (check: () => boolean) => void;
  /** Tells the process that started this one, where there is such a one; resolves once it is told. */
  readonly tell: (message: z.infer<typeof spansMessageSchema>) => Promise<void>;
  readonly meters: Meters;
}

/**
 * Life of a worker process: reads its configuration (JSON, the path is the only argument), logs to stdout what is of
 * level `SPLITLAB_LOG_LEVEL` (default info) or above, answers probes on `SPLITLAB_HEALTH_PORT` where that is set (of
 * `SPLITLAB_HEALTH_HOST` alone, if set), runs `main` until it returns or a signal asks it to stop, and ends at once
 * when the process that started it is gone. Exit status 0 done, 1 failed, 2 failed for good, 143 stopped or superseded;
 * of a failure it tells the process that started it, and the file `SPLITLAB_TERMINATION_LOG` where that is set.
 */
export async function runWorker<S extends z.ZodType>(
  name: string,
  schema: S,
  main: (context: WorkerContext<z.infer<S>>) => Promise<void>,
): Promise<void> {
  const log = pino({ name, base: { pid: process.pid }, level: process.env.SPLITLAB_LOG_LEVEL ?? 'info' });
  const signal = catchStop();
  let status: number = exitStatuses.done;
  try {
    await using health = await startHealth();
    const config = await readConfig(schema, process.argv[2]);
    signal.throwIfAborted();
    const meters = openMeters(name, (page) => health?.show(page));
    const ready = (check: () => boolean) => {
      health?.ready(check);
      meters.publish();
    };
    await main({ config, log, signal, ready, tell, meters });
  } catch (error) {
    if (error instanceof Superseded) {
      status = exitStatuses.stopped;
      log.warn(error.message);
    } else if (!signal.aborted) {
      status = error instanceof FatalError ? exitStatuses.fatal : exitStatuses.failed;
      log.fatal({ err: error }, 'worker failed');
      await report(terminationOf(error), log);
    }
  }
  // Stopped is not done: whoever did not ask for it must not take it for that.
  process.exit(signal.aborted ? exitStatuses.stopped : status);
}

async function startHealth(): Promise<Health | null> {
  const port = process.env.SPLITLAB_HEALTH_PORT;
  if (port === undefined) return null;
  if (!/^\d{1,5}$/.test(port)) throw new FatalError('BadConfiguration', 'SPLITLAB_HEALTH_PORT is no port');
  return serveHealth(Number(port), process.env.SPLITLAB_HEALTH_HOST);
}

function terminationOf(error: unknown): Termination {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof FatalError) return { fatal: { code: error.code, message } };
  const code =
    error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'InternalError';
  return { failed: { code, message } };
}

async function report(termination: Termination, log: Logger): Promise<void> {
  const file = process.env.SPLITLAB_TERMINATION_LOG;
  try {
    if (file !== undefined) writeFileSync(file, formatTermination(termination));
  } catch (error) {
    log.error({ err: error }, 'the termination message could not be written');
  }
  await tell(termination);
}

function tell(message: object): Promise<void> {
  return new Promise((resolve) => {
    if (process.send) process.send(message, undefined, undefined, () => resolve());
    else resolve();
  });
}

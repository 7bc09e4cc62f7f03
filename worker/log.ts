import { type Logger, pino } from 'pino';
import type { WorkerConfig } from '../api/worker-config.ts';
import type { Origin } from './origin.ts';
import { experimentSpan } from './trace.ts';

/** What every line of a worker's log says of where the worker is. A worker is at one visit at a time. */
export interface LogContext {
  experiment(config: Pick<WorkerConfig, 'experiment' | 'scope' | 'traceparent'>): void;
  /** The visit that lines are about from now on; null between visits. */
  visit(origin: Origin | null): void;
}

/**
 * A worker's log: JSON lines to stdout of level `SPLITLAB_LOG_LEVEL` (default info) or above, for a person where stdout is
 * a terminal. Each has `trace_id` and `span_id` of the visit, else of the experiment, as OpenTelemetry names them in logs.
 */
export async function openWorkerLog(name: string): Promise<{ readonly log: Logger; readonly context: LogContext }> {
  let experiment: Record<string, unknown> = {};
  let visit: Record<string, unknown> = {};
  const options = {
    name,
    base: { pid: process.pid },
    level: process.env.SPLITLAB_LOG_LEVEL ?? 'info',
    // A new object each time: pino writes a line's own fields into it.
    mixin: () => ({ ...experiment, ...visit }),
  };
  const pretty = process.stdout.isTTY ? (await import('pino-pretty')).default({ sync: true }) : null;
  return {
    log: pretty ? pino(options, pretty) : pino(options),
    context: {
      experiment(config) {
        const { traceId, spanId } = experimentSpan(config);
        const { namespace, name: ofExperiment } = config.experiment;
        experiment = { experiment: `${namespace}/${ofExperiment}`, trace_id: traceId, span_id: spanId };
      },
      visit(origin) {
        visit = origin
          ? {
              visit: origin.visitId,
              attempt: origin.attempt,
              trace_id: origin.trace.traceId,
              span_id: origin.trace.spanId,
            }
          : {};
      },
    },
  };
}

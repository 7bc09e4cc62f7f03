import type { QueueMetrics } from '../queue/metrics.ts';

/** What became of one pass. */
export type Outcome = 'Success' | 'RequeueAfter' | 'Conflict' | 'Error' | 'TerminalError' | 'Stopped';

/** Told of what a controller does. */
export interface ControllerMetrics extends QueueMetrics {
  reconciled(outcome: Outcome, durationMs: number): void;
}

/** Tells both. */
export function toBoth(one: ControllerMetrics, another: ControllerMetrics): ControllerMetrics {
  return {
    depth(items) {
      one.depth(items);
      another.depth(items);
    },
    queueDuration(ms) {
      one.queueDuration(ms);
      another.queueDuration(ms);
    },
    workDuration(ms) {
      one.workDuration(ms);
      another.workDuration(ms);
    },
    retry() {
      one.retry();
      another.retry();
    },
    reconciled(outcome, durationMs) {
      one.reconciled(outcome, durationMs);
      another.reconciled(outcome, durationMs);
    },
  };
}

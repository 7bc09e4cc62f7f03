import type { QueueMetrics } from '../queue/metrics.ts';

/** What became of one pass. */
export type Outcome = 'Success' | 'RequeueAfter' | 'Conflict' | 'Error' | 'TerminalError' | 'Stopped';

/** Told of what a controller does. */
export interface ControllerMetrics extends QueueMetrics {
  reconciled(outcome: Outcome, durationMs: number): void;
}

import { parseTraceparent, type TraceContext } from '../api/trace/context.ts';
import { experimentContext } from '../api/trace/identity.ts';
import type { WorkerConfig } from '../api/worker-config.ts';

/** The span that stands for the experiment: as whoever started this worker says, else as it follows from the UID. */
export function experimentSpan({ traceparent, scope }: Pick<WorkerConfig, 'traceparent' | 'scope'>): TraceContext {
  return (traceparent === undefined ? null : parseTraceparent(traceparent)) ?? experimentContext(scope.uid);
}

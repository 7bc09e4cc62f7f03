import { parseTraceparent, type TraceContext } from '../../api/trace/context.ts';
import { experimentContext } from '../../api/trace/identity.ts';
import type { Experiment } from './experiment.ts';

/** Whoever applies a manifest writes here the span that the experiment is part of, as a W3C traceparent. */
export const traceparentAnnotation = 'splitlab.dev/traceparent';

export interface ExperimentTrace {
  /** The span that stands for the experiment. */
  readonly context: TraceContext;
  /** The span of others that it lies in. */
  readonly parent: TraceContext | null;
  /** What the annotation says where it is no traceparent. The experiment has a trace of its own then, as without it. */
  readonly ignored: string | null;
}

/** The experiment's place in a trace: of the object as it is now, and so the same for all that look at it. */
export function traceOf({ metadata: { uid, annotations = {} } }: Experiment): ExperimentTrace {
  const written = annotations[traceparentAnnotation];
  const parent = written === undefined ? null : parseTraceparent(written.trim());
  const ignored = written !== undefined && parent === null ? written : null;
  return { context: experimentContext(uid, parent), parent, ignored };
}

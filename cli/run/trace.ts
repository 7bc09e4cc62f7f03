import type { Manifest } from '../../api/manifest/manifest.ts';
import type { Attributes } from '../../api/telemetry/attributes.ts';
import { parseTraceparent, type TraceContext } from '../../api/trace/context.ts';
import { experimentContext } from '../../api/trace/identity.ts';
import { monotonicEpochMs } from '../../worker/measure/now.ts';
import type { SpanDescription } from '../../worker/measure/spans.ts';
import { type Step, stepSpans } from '../../worker/steps.ts';
import type { RunResults } from './results.ts';

/** Where a run stands in a trace. */
export interface RunTrace {
  /** The span that stands for this run. */
  readonly context: TraceContext;
  readonly parent: TraceContext | null;
}

/**
 * `traceparent` is what OpenTelemetry has in the environment variable TRACEPARENT: the span that the command is part of
 * (https://opentelemetry.io/docs/specs/otel/context/env-carriers/). Each start of a run that was interrupted is a span of
 * its own in the same trace.
 */
export function runTrace(uid: string, starts: number, traceparent: string | undefined): RunTrace {
  const parent = traceparent ? parseTraceparent(traceparent.trim()) : null;
  const context = experimentContext(uid, parent);
  return {
    parent,
    context: starts > 1 ? { ...context, spanId: experimentContext(`${uid}/${starts}`).spanId } : context,
  };
}

export interface TracedRun {
  readonly trace: RunTrace;
  readonly manifest: Manifest;
  readonly uid: string;
  /** What the command did before it started the workers. */
  readonly steps: readonly Step[];
  readonly startedMs: number;
  readonly endedMs: number;
  /** Null where it did not come to its end. */
  readonly results: RunResults | null;
  /** Why it did not. */
  readonly failure: unknown;
}

/** The spans of a run: the root `experiment` and what the command itself did. Times are of the monotonic clock. */
export function runSpans({ trace, steps, failure, ...run }: TracedRun): readonly SpanDescription[] {
  if (!trace.context.sampled) return [];
  const epochMs = monotonicEpochMs();
  const { traceId, spanId } = trace.context;
  const identity = identityOf(run);
  const visits = run.results?.visits;
  const incomplete = Map.groupBy(run.results?.incomplete ?? [], ({ verdict }) => verdict.result);
  const root: SpanDescription = {
    name: 'experiment',
    traceId,
    spanId,
    parentSpanId: trace.parent?.spanId ?? null,
    startTimeMs: epochMs + run.startedMs,
    endTimeMs: epochMs + run.endedMs,
    side: 'local',
    attributes: {
      ...identity,
      'splitlab.model.name': run.manifest.spec.model.zoo,
      'splitlab.visits.total': visits?.planned,
      'splitlab.visits.completed': visits?.accepted,
      'splitlab.visits.rejected': visits && (incomplete.get('Rejected')?.length ?? 0),
      'splitlab.visits.failed': visits && (incomplete.get('Failed')?.length ?? 0),
    },
    ...(failure !== null && { error: failure instanceof Error ? failure.message : String(failure) }),
  };
  return [root, ...stepSpans(trace.context, identity, steps)];
}

function identityOf({ manifest, uid }: Pick<TracedRun, 'manifest' | 'uid'>): Attributes {
  const { name, namespace = 'default' } = manifest.metadata;
  return {
    'splitlab.experiment.name': name,
    'splitlab.experiment.namespace': namespace,
    'splitlab.experiment.uid': uid,
  };
}

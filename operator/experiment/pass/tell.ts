import { findCondition } from '../../../api/status/conditions.ts';
import { type ExperimentStatus, readStatus } from '../../../api/status/status.ts';
import type { Attributes } from '../../../api/telemetry/attributes.ts';
import { newSpanId } from '../../../api/trace/context.ts';
import type { ReconcilerContext } from '../context.ts';
import { type Experiment, namespaceOf } from '../experiment.ts';
import { type ExperimentTrace, traceOf } from '../trace.ts';
import type { Writes } from './writes.ts';

/** One pass over one experiment. */
export interface Pass {
  readonly experiment: { readonly name: string; readonly namespace: string; readonly uid: string };
  readonly trace: ExperimentTrace;
  /** As it was decided. */
  readonly status: ExperimentStatus;
  readonly writes: Writes;
  /** Milliseconds since 1970. */
  readonly startTimeMs: number;
  readonly endTimeMs: number;
  readonly failure: Error | null;
}

/** More of a list of names says no more. */
const longestText = 1_000;

/** Tells of a pass that changed something or failed: a span and a line of the log, both under the same name. */
export function tellPass({ tracing, logger }: Pick<ReconcilerContext, 'tracing' | 'logger'>, pass: Pass): void {
  const { experiment, trace, status, writes, startTimeMs, endTimeMs, failure } = pass;
  const { created, changed, deleted, events } = writes;
  if (created.length + changed.length + deleted.length + events.length === 0 && !failure) return;
  const context = { ...trace.context, spanId: newSpanId() };
  const reason = findCondition(status.conditions, 'Succeeded')?.reason;
  const attributes: Attributes = {
    ...identityOf(experiment),
    'splitlab.reason': reason,
    'splitlab.reconcile.created': listed(created),
    'splitlab.reconcile.changed': listed(changed),
    'splitlab.reconcile.deleted': listed(deleted),
    'splitlab.reconcile.events': listed(events),
  };
  const error = failure && { error: failure.message.slice(0, longestText) };
  tracing.tell({ name: 'reconcile', context, parent: trace.context, startTimeMs, endTimeMs, attributes, ...error });
  // The controller says itself that a pass failed.
  if (failure) return;
  const { name, namespace } = experiment;
  const fields = { experiment: `${namespace}/${name}`, trace_id: context.traceId, span_id: context.spanId };
  // Progress alone is written every few seconds while an experiment runs.
  const level = created.length + deleted.length + events.length > 0 ? 'info' : 'debug';
  logger[level]({ ...fields, reason, created, changed, deleted, events }, 'reconciled');
}

/**
 * The experiment as a whole, once it is over. It begins with its object: what it waited for belongs to it. `status`:
 * as it was written; absent, as it stood when somebody deleted the object.
 */
export function tellExperiment(
  { tracing, clock }: Pick<ReconcilerContext, 'tracing' | 'clock'>,
  object: Experiment,
  written?: ExperimentStatus,
): void {
  const { name, uid, creationTimestamp } = object.metadata;
  const status = written ?? readStatus(object.status);
  const succeeded = findCondition(status.conditions, 'Succeeded');
  const { visits } = status;
  const attributes: Attributes = {
    ...identityOf({ name, uid, namespace: namespaceOf(object.metadata) }),
    'splitlab.model.name': status.summary?.model,
    'splitlab.reason': succeeded?.reason,
    'splitlab.visits.total': visits?.total,
    'splitlab.visits.completed': visits?.completed,
    'splitlab.visits.rejected': visits?.rejected,
    'splitlab.visits.failed': visits?.failed,
  };
  const { context, parent } = traceOf(object);
  const endTimeMs = clock.wall().getTime();
  const startTimeMs = Math.min(Date.parse(creationTimestamp), endTimeMs);
  const failed = succeeded?.status === 'False' ? (succeeded.message ?? succeeded.reason) : null;
  const problem = written ? failed : 'the experiment was deleted before its end';
  const error = problem !== null && { error: problem.slice(0, longestText) };
  tracing.tell({ name: 'experiment', context, parent, startTimeMs, endTimeMs, attributes, ...error });
}

function identityOf({ name, namespace, uid }: Pass['experiment']): Attributes {
  return {
    'splitlab.experiment.name': name,
    'splitlab.experiment.namespace': namespace,
    'splitlab.experiment.uid': uid,
  };
}

function listed(names: readonly string[]): string | undefined {
  return names.length === 0 ? undefined : names.join(', ').slice(0, longestText);
}

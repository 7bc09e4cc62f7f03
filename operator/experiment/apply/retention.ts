import { type ReconcilerContext, scopeOf } from '../context.ts';
import { deletionPolicyOf } from '../experiment.ts';
import type { Gathered } from '../gather/gather.ts';

/** Says in the store what becomes of the results when the object is deleted; `Retain` when it goes by its time to live. */
export async function declareResults(
  context: ReconcilerContext,
  { object, observed: { experiment }, memory }: Gathered,
  policy = deletionPolicyOf(object),
): Promise<void> {
  if (memory.retention === policy) return;
  await context.declareRetention(scopeOf(context, experiment), { name: experiment.name, policy });
  memory.retention = policy;
}

/** Whether the policy may be another one than was declared before the first pod: the spec changed since it was last seen. */
export function mayHaveChanged({ observed: { experiment, status }, memory, object }: Gathered): boolean {
  if (status.startTime === undefined) return false;
  if (memory.retention !== null) return memory.retention !== deletionPolicyOf(object);
  return status.observedGeneration !== experiment.generation;
}

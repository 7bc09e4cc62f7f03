import { boundStatus } from '../../../api/status/bound.ts';
import { Conflict, NotFound } from '../../runtime/client/errors.ts';
import { splitExperiments } from '../../runtime/resources.ts';
import type { ReconcilerContext } from '../context.ts';
import type { Decision } from '../decide/decide.ts';
import type { PodKey } from '../decide/draft.ts';
import { urgencyOf } from '../decide/urgency.ts';
import { eventReasons } from '../event-reasons.ts';
import type { Gathered } from '../gather/gather.ts';
import { statusIntervalMs } from '../pace.ts';
import { preparePods, removePods } from './pods.ts';
import { declareResults, mayHaveChanged } from './retention.ts';
import { renewSecret } from './secret.ts';

export const fieldManager = 'splitlab-operator';

/**
 * Does what was decided, the status before any pod: whatever happens after that, the next pass knows what was meant.
 * Gives the milliseconds after which to look again, or null.
 */
export async function apply(
  context: ReconcilerContext,
  gathered: Gathered,
  decision: Decision,
  signal: AbortSignal,
): Promise<number | null> {
  if (decision.expired) return await expire(context, gathered, decision, signal);
  const retentionDue = mayHaveChanged(gathered);
  const pods = preparePods(context, gathered, decision.create, signal);
  const waitMs = await writeStatus(context, gathered, decision, signal).finally(() => pods.settled);
  if (waitMs === null) for (const { type, reason, message } of decision.events) tell(type, reason, message);
  const created = await pods.create();
  if (created.length > 0 && !replaces(decision)) tell('Normal', eventReasons.podsCreated, namesOf(created));
  await removePods(context, gathered, decision.remove, signal);
  if (retentionDue) await declareResults(context, gathered);
  const renewMs = await renewSecret(context, gathered, signal);
  const { lookAgainAt } = decision;
  const moments = [
    ...(waitMs === null ? [] : [waitMs]),
    ...(lookAgainAt === null ? [] : [Math.max(0, lookAgainAt.getTime() - context.clock.wall().getTime())]),
    ...(renewMs === null ? [] : [renewMs]),
    // What was denied just now is to be said.
    ...(created.length < decision.create.length ? [0] : []),
  ];
  return moments.length === 0 ? null : Math.min(...moments);

  function tell(type: 'Normal' | 'Warning', reason: string, message: string): void {
    context.recorder.event(gathered.object, type, reason, message);
  }
}

/** Writes the status where it changed; the milliseconds to wait where it only shows progress and has to wait. */
async function writeStatus(
  { client, clock }: ReconcilerContext,
  { object, observed, memory }: Gathered,
  decision: Decision,
  signal: AbortSignal,
): Promise<number | null> {
  const status = boundStatus(decision.status);
  const urgency = urgencyOf(observed.status, status);
  if (urgency === 'Never') return null;
  const now = clock.monotonic();
  const dueAt = memory.wroteStatusAtMs === null ? now : memory.wroteStatusAtMs + statusIntervalMs;
  if (urgency === 'Later' && now < dueAt) return dueAt - now;
  const { name, namespace, uid, resourceVersion } = object.metadata;
  const metadata = { name, uid, resourceVersion, ...(namespace !== undefined && { namespace }) };
  memory.latest = await client.applyStatus(
    splitExperiments,
    { metadata, status },
    { fieldManager, force: true, signal },
  );
  memory.wroteStatusAtMs = clock.monotonic();
  return null;
}

/** The object goes, and what it measured stays. */
async function expire(
  context: ReconcilerContext,
  gathered: Gathered,
  { events }: Decision,
  signal: AbortSignal,
): Promise<null> {
  const { object, observed } = gathered;
  const { name, namespace, uid } = observed.experiment;
  await declareResults(context, gathered, 'Retain');
  for (const { type, reason, message } of events) context.recorder.event(object, type, reason, message);
  await context.client.delete(splitExperiments, { namespace, name }, { uid, signal }).catch((error: unknown) => {
    if (!(error instanceof NotFound || error instanceof Conflict)) throw error;
  });
  return null;
}

function replaces({ events }: Decision): boolean {
  return events.some(({ reason }) => reason === eventReasons.workerReplaced);
}

function namesOf(keys: readonly PodKey[]): string {
  return keys
    .map(({ name }) => name)
    .join(', ')
    .slice(0, 1000);
}

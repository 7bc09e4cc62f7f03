import type { PodInput } from '../../pod/input.ts';
import { desiredPod } from '../../pod/pod.ts';
import { AlreadyExists, Conflict, NotFound } from '../../runtime/client/errors.ts';
import { isControlledBy } from '../../runtime/owner.ts';
import { pods } from '../../runtime/resources.ts';
import type { ReconcilerContext } from '../context.ts';
import type { PodKey, PodRemoval } from '../decide/draft.ts';
import type { Gathered } from '../gather/gather.ts';
import { denialReason, NameTaken, noteObstacle } from './obstacles.ts';
import { declareResults } from './retention.ts';
import { inputOf, prepareSecret } from './secret.ts';

/** Makes pods and what they need. What the API server denies is remembered for the next decision. */
export async function createPods(
  context: ReconcilerContext,
  gathered: Gathered,
  keys: readonly PodKey[],
  signal: AbortSignal,
): Promise<readonly PodKey[]> {
  const { observed, memory } = gathered;
  if (keys.length === 0 || !observed.spec.ok) return [];
  const { manifest } = observed.spec;
  const input = inputOf(context, gathered, manifest);
  const prepared = Promise.all([declareResults(context, gathered), prepareSecret(context, gathered, input, signal)]);
  // Every request has ended when the pass does, whatever became of the others.
  const made = await Promise.allSettled(
    keys.map((key) =>
      unlessDenied(key, async () => {
        await prepared;
        const pod = await createPod(context, gathered, { ...input, ...key }, signal);
        memory.created.set(key.name, pod);
      }),
    ),
  );
  const failed = made.find((outcome) => outcome.status === 'rejected');
  if (failed) throw failed.reason;
  return keys.filter((_, index) => made[index]?.status === 'fulfilled' && made[index].value);

  async function unlessDenied(key: PodKey, work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      memory.obstacles.delete(key.name);
      return true;
    } catch (error) {
      const reason = denialReason(error);
      if (reason === null) throw error;
      noteObstacle(memory, key.name, reason, error, context.clock.wall());
      return false;
    }
  }
}

/** A pod of this name that is ours was made before, and the cache has not shown it yet. */
async function createPod(
  { client }: ReconcilerContext,
  { object }: Gathered,
  input: PodInput & PodKey,
  signal: AbortSignal,
) {
  try {
    return await client.create(pods, desiredPod(input), { signal });
  } catch (error) {
    if (!(error instanceof AlreadyExists)) throw error;
    const existing = await client.get(pods, { namespace: input.owner.namespace, name: input.name }, { signal });
    if (!isControlledBy(existing, object)) throw new NameTaken('pod', input.name);
    return existing;
  }
}

/** Asks for pods to end in their own time; never by force, since nobody knows whether a lost one still runs. */
export async function removePods(
  { client }: ReconcilerContext,
  { observed, memory }: Gathered,
  removals: readonly PodRemoval[],
  signal: AbortSignal,
): Promise<void> {
  const { namespace } = observed.experiment;
  await Promise.all(
    removals.map(async ({ name, uid }) => {
      await client.delete(pods, { namespace, name }, { uid, signal }).catch((error: unknown) => {
        // Gone already, or another pod by now.
        if (!(error instanceof NotFound || error instanceof Conflict)) throw error;
      });
      memory.deleted.add(uid);
    }),
  );
}

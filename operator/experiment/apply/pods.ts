import type { ExperimentInput, PodInput } from '../../pod/input.ts';
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

/**
 * Makes what pods need, beside the writing of the status, and gives the function that makes the pods. Both settle what
 * they began, whatever fails. What the API server denies is remembered for the next decision.
 */
export function preparePods(
  context: ReconcilerContext,
  gathered: Gathered,
  keys: readonly PodKey[],
  signal: AbortSignal,
): PodsPrepared {
  const { observed } = gathered;
  if (keys.length === 0 || !observed.spec.ok) return { settled: Promise.resolve(), create: async () => [] };
  const input = inputOf(context, gathered, observed.spec.manifest);
  const needed = Promise.allSettled([
    declareResults(context, gathered),
    prepareSecret(context, gathered, input, signal),
  ]);
  return {
    settled: needed.then(() => {}),
    create: () => createPods(context, gathered, { keys, input, needed }, signal),
  };
}

export interface PodsPrepared {
  readonly settled: Promise<void>;
  /** The pods that are there now, of those that were to be made. */
  readonly create: () => Promise<readonly PodKey[]>;
}

interface Wanted {
  readonly keys: readonly PodKey[];
  readonly input: ExperimentInput;
  readonly needed: Promise<readonly PromiseSettledResult<void>[]>;
}

async function createPods(
  context: ReconcilerContext,
  gathered: Gathered,
  { keys, input, needed }: Wanted,
  signal: AbortSignal,
): Promise<readonly PodKey[]> {
  const { memory } = gathered;
  const missing = (await needed).find((outcome) => outcome.status === 'rejected');
  // Every request has ended when the pass does, whatever became of the others.
  const made = await Promise.allSettled(
    keys.map((key) =>
      unlessDenied(key, async () => {
        if (missing) throw missing.reason;
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

import { randomUUID } from 'node:crypto';
import type { Announcement } from '../api/messages/worker.ts';
import type { Side, subjects } from '../api/subjects.ts';
import { toolVersion } from '../api/version.ts';
import type { WorkerConfig } from '../api/worker-config.ts';
import type { Store } from '../store/store.ts';
import { FatalError, Superseded } from './fatal.ts';
import { announcements } from './fence.ts';
import { machineDifference } from './fingerprint.ts';
import { describeMachine } from './measure/machine.ts';

/** What a worker knows of itself before it has a model. */
export type Self = Omit<Announcement, 'modelDigest'>;

/** Describes this process and its machine, as a new instance. */
export async function describeSelf(config: WorkerConfig, side: Side): Promise<Self> {
  const worker = config.manifest.spec[side];
  const { runtime, bootId, memoryTotalBytes, node, ...machine } = await describeMachine(worker.executionProvider);
  const { NODE_NAME, POD_NAME, POD_UID, SPLITLAB_CONTAINER } = process.env;
  return {
    side,
    lane: config.lane,
    podAttempt: config.podAttempt,
    instance: randomUUID(),
    toolVersion,
    bootId,
    runtime,
    machine: {
      ...machine,
      node: NODE_NAME ?? node,
      pod: POD_NAME ?? null,
      podAttempt: config.podAttempt,
      threads: worker.threads,
    },
    podUid: POD_UID ?? null,
    // Pods of an experiment are in its namespace.
    kubernetes: SPLITLAB_CONTAINER ? { namespace: config.experiment.namespace, container: SPLITLAB_CONTAINER } : null,
    process: { pid: process.pid, nodeVersion: process.versions.node },
    memoryTotalBytes,
  };
}

/**
 * Announces a worker, unless it must not work: `Superseded` where a newer one of its lane and side has, a `FatalError`
 * `MachinesDiffer` where an earlier one ran on another kind of machine, `ModelsDiffer` where the other side has
 * another model.
 */
export async function announce(
  announcement: Announcement,
  { allowMixedMachines }: { readonly allowMixedMachines: boolean },
  store: Store,
  names: ReturnType<typeof subjects>,
): Promise<void> {
  const { lane, side, podAttempt, machine } = announcement;
  const own = names.worker(lane, side);
  for (const earlier of await announcements(store, own)) {
    if (earlier.podAttempt > podAttempt) throw new Superseded(podAttempt, earlier.podAttempt);
    const difference = allowMixedMachines ? null : machineDifference(machine, earlier.machine);
    if (difference === null) continue;
    const remedy = `bind the workers to like nodes with spec.${side}.template, or write spec.allowMixedMachines: true`;
    throw new FatalError('MachinesDiffer', `spec.${side}: ${difference}; ${remedy}`);
  }
  const others = await announcements(store, names.worker(lane, side === 'local' ? 'remote' : 'local'));
  const other = others.reduce((a: Announcement | null, b) => (a && a.podAttempt > b.podAttempt ? a : b), null);
  if (other) checkModels(announcement, other);
  await store.append(own, announcement);
}

/** Throws a `FatalError` where the two sides have models that differ. */
export function checkModels(one: Announcement, other: Announcement): void {
  if (one.modelDigest === other.modelDigest) return;
  const has = ({ side, modelDigest, machine }: Announcement) => `the ${side} side has ${modelDigest} (${machine.node})`;
  const remedy = 'name a source that is the same for both, such as http with its sha256';
  throw new FatalError('ModelsDiffer', `spec.model: ${has(one)}, ${has(other)}; ${remedy}`);
}

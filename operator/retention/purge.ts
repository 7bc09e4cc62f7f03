import { clusterSubjects, type ExperimentScope, scopeOf, subjects } from '../../api/subjects.ts';
import type { Archive } from '../../store/archive.ts';
import { StoreUnavailable } from '../../store/errors.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Stored } from '../runtime/objects.ts';
import type { CacheableResource } from '../runtime/resource.ts';
import { type SplitExperimentObject, splitExperiments } from '../runtime/resources.ts';
import { readRetention } from './declare.ts';
import { type Missing, overdue, stillMissing } from './orphans.ts';

/** The part of the runtime's client that reads the experiments from the API server itself. */
export interface ListClient {
  listAll(
    resource: CacheableResource<SplitExperimentObject>,
    options?: { readonly signal?: AbortSignal },
  ): AsyncIterable<{ readonly items: readonly Stored<SplitExperimentObject>[] }>;
}

export interface PurgeOptions {
  readonly client: ListClient;
  /** The experiments as an informer knows them. */
  readonly experiments: { readonly hasSynced: boolean; list(): readonly Stored<SplitExperimentObject>[] };
  readonly archive: Archive;
  readonly clusterId: string;
  /** How long an experiment must have been gone, as this process has seen it. */
  readonly graceMs: number;
  readonly intervalMs: number;
  readonly clock: Pick<Clock, 'monotonic' | 'sleep'>;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/**
 * Removes what is stored of experiments that no longer exist, but for those whose results are to be kept; runs until
 * `signal` aborts. For the leader alone. A pass that fails is logged and comes again; that the store is
 * away, its connection tells.
 */
export async function purgeOrphans(options: PurgeOptions): Promise<void> {
  const { clock, intervalMs, logger, signal } = options;
  let missing: Missing = new Map();
  while (!signal.aborted) {
    try {
      missing = await purgePass(options, missing);
    } catch (error) {
      if (signal.aborted) return;
      const level = error instanceof StoreUnavailable ? 'debug' : 'warn';
      logger[level]({ err: error }, 'results of experiments that are gone could not be purged; trying again');
    }
    await clock.sleep(intervalMs, signal).catch(() => {});
  }
}

/**
 * One pass. Gives who is missing, for the next one. Nothing is removed unless the informer has synced, the experiment
 * was missing for the grace period, the API server confirms it just now, and no retention says to keep it.
 */
export async function purgePass(options: PurgeOptions, before: Missing): Promise<Missing> {
  const { experiments, archive, clusterId, graceMs, clock, logger, signal } = options;
  if (!experiments.hasSynced) return before;
  const stored = await storedScopes(archive, clusterId);
  if (!experiments.hasSynced) return before;
  const present = new Set(experiments.list().map(({ metadata }) => metadata.uid));
  const nowMs = clock.monotonic();
  const missing = new Map(stillMissing(before, { stored, present, nowMs }));
  const doomed = await withoutRetained(archive, overdue(missing, nowMs, graceMs));
  if (doomed.length === 0) return missing;
  // The informer may lag behind, or watch a server that was restored. Without the kind itself nothing is certain: throws.
  const confirmed = await presentNow(options);
  for (const scope of doomed) {
    signal.throwIfAborted();
    if (confirmed.has(scope.uid)) continue;
    const { all } = subjects(scope);
    // Records last: they hold the retention, and tell the next pass of a purge that was cut short.
    await archive.purge('samples', all);
    await archive.purge('records', all);
    missing.delete(scope.uid);
    logger.info({ namespace: scope.namespace, uid: scope.uid }, 'purged the results of an experiment that is gone');
  }
  return missing;
}

/** Every experiment of this cluster that something is stored of, in either stream. */
async function storedScopes(archive: Archive, cluster: string): Promise<ExperimentScope[]> {
  const scopes = new Map<string, ExperimentScope>();
  for (const stream of ['records', 'samples'] as const) {
    for await (const page of archive.subjects(stream, clusterSubjects(cluster).all)) {
      for (const subject of page) {
        const scope = scopeOf(subject);
        if (scope && !scopes.has(scope.uid)) scopes.set(scope.uid, scope);
      }
    }
  }
  return [...scopes.values()];
}

async function withoutRetained(archive: Archive, scopes: readonly ExperimentScope[]): Promise<ExperimentScope[]> {
  const doomed: ExperimentScope[] = [];
  for (const scope of scopes) {
    const said = await readRetention(archive, scope);
    if (said?.policy !== 'Retain') doomed.push(scope);
  }
  return doomed;
}

async function presentNow({ client, signal }: Pick<PurgeOptions, 'client' | 'signal'>): Promise<Set<string>> {
  const uids = new Set<string>();
  for await (const { items } of client.listAll(splitExperiments, { signal })) {
    for (const { metadata } of items) uids.add(metadata.uid);
  }
  return uids;
}

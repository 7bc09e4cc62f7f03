import { z } from 'zod';
import { type Objective, objectiveSchema } from '../../api/manifest/spec.ts';
import { type RetentionMessage, retentionMessageSchema } from '../../api/messages/retention.ts';
import type { ExperimentItem, ResultsMetadata } from '../../api/results/experiment.ts';
import { type ExperimentStatus, readStatus } from '../../api/status/status.ts';
import { clusterSubjects, type ExperimentScope, scopeOf, subjects } from '../../api/subjects.ts';
import type { Archive } from '../../store/archive.ts';
import type { ObjectKey, Stored } from '../runtime/objects.ts';
import type { SplitExperimentObject } from '../runtime/resources.ts';
import { Problem } from './problem.ts';

export type ExperimentObject = Stored<SplitExperimentObject>;

/** The experiments of the cluster as an informer knows them. */
export interface ExperimentCache {
  readonly hasSynced: boolean;
  get(key: ObjectKey): ExperimentObject | undefined;
  list(): readonly ExperimentObject[];
  addHandler(handler: {
    readonly onUpdate?: (before: ExperimentObject, after: ExperimentObject) => void;
    readonly onDelete?: (object: ExperimentObject) => void;
  }): () => void;
}

/** An experiment with results: one whose object is there, or one whose results outlived it. */
export interface FoundExperiment {
  readonly scope: ExperimentScope;
  readonly metadata: ResultsMetadata;
  /** Null where it is gone. */
  readonly object: ExperimentObject | null;
}

export interface Experiments {
  /** Those there are, of one namespace or of all, by namespace and name. */
  list(namespace: string | null): ExperimentItem[];
  /** Those that are gone and whose results were kept, the newest first. */
  listDeleted(namespace: string | null): Promise<ExperimentItem[]>;
  /** The one of this name, else the newest that is gone; with `uid` that one alone. Throws `Problem` 404 or 503. */
  find(namespace: string, name: string, uid?: string): Promise<FoundExperiment>;
  /** Its manifest as it runs: with all defaults once workers know them, else as the object has it; null where unknown. */
  manifest(experiment: FoundExperiment): Promise<unknown>;
}

export function experimentsOf(cache: ExperimentCache, archive: Archive, cluster: string): Experiments {
  function known(): ExperimentCache {
    if (cache.hasSynced) return cache;
    const message = 'this replica is still reading the experiments; try again';
    throw new Problem(503, message, { retryAfterSeconds: 1 });
  }

  function live(object: ExperimentObject): FoundExperiment {
    const { name, namespace = '', uid, creationTimestamp } = object.metadata;
    return {
      scope: { cluster, namespace, uid },
      metadata: { name, namespace, uid, creationTimestamp, deleted: false },
      object,
    };
  }

  /** Newest first. */
  async function deleted(namespace: string | null): Promise<FoundExperiment[]> {
    const present = new Set(
      known()
        .list()
        .map(({ metadata }) => metadata.uid),
    );
    const latest = new Map<string, RetentionMessage>();
    const filter = clusterSubjects(cluster).retention(namespace ?? undefined);
    for await (const { subject, value } of archive.scan('records', filter)) {
      const message = retentionMessageSchema.safeParse(value);
      // The subject is what permissions are about; a message could claim to be about another experiment.
      const scope = scopeOf(subject);
      if (!message.success || scope?.uid !== message.data.uid || scope.namespace !== message.data.namespace) continue;
      latest.set(scope.uid, message.data);
    }
    return [...latest.values()]
      .filter(({ uid, policy }) => policy === 'Retain' && !present.has(uid))
      .sort((a, b) => (a.at < b.at ? 1 : -1))
      .map(({ name, namespace: space, uid }) => ({
        scope: { cluster, namespace: space, uid },
        metadata: { name, namespace: space, uid, creationTimestamp: null, deleted: true },
        object: null,
      }));
  }

  return {
    list(namespace) {
      return known()
        .list()
        .filter(({ metadata }) => namespace === null || metadata.namespace === namespace)
        .map((object) => ({ metadata: live(object).metadata, status: statusOf(object) }))
        .sort((a, b) => (keyText(a.metadata) < keyText(b.metadata) ? -1 : 1));
    },
    async listDeleted(namespace) {
      return (await deleted(namespace)).map(({ metadata }) => ({ metadata, status: null }));
    },
    async find(namespace, name, uid) {
      const object = known().get({ namespace, name });
      if (object && (uid === undefined || uid === object.metadata.uid)) return live(object);
      const found = (await deleted(namespace)).find(
        ({ metadata }) => metadata.name === name && (uid === undefined || uid === metadata.uid),
      );
      if (found) return found;
      const which = uid === undefined ? '' : ` with uid "${uid}"`;
      throw new Problem(404, `splitexperiments.splitlab.dev "${name}"${which} not found, nor results that it left`);
    },
    async manifest({ scope, object }) {
      const stored = await archive.newest('records', subjects(scope).manifest);
      if (stored) return stored.value;
      if (!object) return null;
      const { apiVersion, kind, metadata, spec } = object;
      return { apiVersion, kind, metadata: { name: metadata.name, namespace: metadata.namespace }, spec };
    },
  };
}

/** The status of an object; null before there is any. */
export function statusOf({ status }: ExperimentObject): ExperimentStatus | null {
  return status === undefined ? null : readStatus(status);
}

const objectivesSchema = z.object({ spec: z.object({ objectives: z.array(objectiveSchema).min(1) }) });

/** What a manifest looks for; without one its default. */
export function objectivesOf(manifest: unknown): readonly Objective[] {
  const parsed = objectivesSchema.safeParse(manifest);
  return parsed.success ? parsed.data.spec.objectives : ['LatencyP50', 'UplinkBytes'];
}

function keyText({ namespace, name }: ResultsMetadata): string {
  return `${namespace}/${name}`;
}

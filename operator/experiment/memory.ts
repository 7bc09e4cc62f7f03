import type { V1Pod } from '@kubernetes/client-node';
import type { Stored } from '../runtime/objects.ts';
import type { Wire } from '../runtime/wire.ts';
import type { Obstacle } from './decide/observed.ts';
import type { Experiment } from './experiment.ts';

/**
 * What the operator itself did a moment ago and its caches may not show yet. It spares requests: an operator that has
 * forgotten it sends some of them again and comes to the same end.
 */
export interface ExperimentMemory {
  /** The object as the API server answered to the last status write. */
  latest: Experiment | null;
  /** When the status was last written, on the monotonic clock in ms. */
  wroteStatusAtMs: number | null;
  /** Pods made that the cache has not shown yet, by name. */
  readonly created: Map<string, Stored<Wire<V1Pod>>>;
  /** What was last declared of the results; null while that is to be done; `Lost` with the store. */
  retention: 'Delete' | 'Retain' | 'Lost' | null;
  /** When the Secret was last looked at, on the monotonic clock in ms. */
  checkedSecretAtMs: number | null;
  /** Names of pods that were there at least once. */
  readonly seen: Set<string>;
  /** UIDs of pods whose deletion was asked for. */
  readonly deleted: Set<string>;
  readonly obstacles: Map<string, Obstacle & { readonly tries: number }>;
}

/** Memories by UID of the experiment. */
export class Memories {
  readonly #memories = new Map<string, ExperimentMemory>();

  of(uid: string): ExperimentMemory {
    const known = this.#memories.get(uid);
    if (known) return known;
    const memory = {
      latest: null,
      wroteStatusAtMs: null,
      created: new Map(),
      retention: null,
      checkedSecretAtMs: null,
      seen: new Set<string>(),
      deleted: new Set<string>(),
      obstacles: new Map(),
    };
    this.#memories.set(uid, memory);
    return memory;
  }

  drop(uid: string): void {
    this.#memories.delete(uid);
  }

  /** What was declared of results has to be declared again. */
  storeEmptied(): void {
    for (const memory of this.#memories.values()) memory.retention = 'Lost';
  }

  /** The cache shows this pod, or that it is gone: no need to remember it. */
  podSeen(uid: string, pod: Stored<Wire<V1Pod>>): void {
    const memory = this.#memories.get(uid);
    if (memory?.created.get(pod.metadata.name)?.metadata.uid === pod.metadata.uid) {
      memory.created.delete(pod.metadata.name);
    }
  }

  podGone(uid: string, pod: Stored<Wire<V1Pod>>): void {
    this.podSeen(uid, pod);
    this.#memories.get(uid)?.deleted.delete(pod.metadata.uid);
  }
}

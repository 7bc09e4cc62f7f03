import type { ExperimentCache, ExperimentObject } from '../experiments.ts';

type Handler = Parameters<ExperimentCache['addHandler']>[0];

/** A cache of experiments that a test fills by hand. */
export class HandmadeCache implements ExperimentCache {
  hasSynced = true;
  readonly #objects = new Map<string, ExperimentObject>();
  readonly #handlers = new Set<Handler>();

  get({ namespace, name }: { readonly namespace?: string; readonly name: string }): ExperimentObject | undefined {
    return this.#objects.get(`${namespace}/${name}`);
  }

  list(): readonly ExperimentObject[] {
    return [...this.#objects.values()];
  }

  addHandler(handler: Handler): () => void {
    this.#handlers.add(handler);
    return () => this.#handlers.delete(handler);
  }

  get handlers(): number {
    return this.#handlers.size;
  }

  put(object: ExperimentObject): void {
    const before = this.get(object.metadata);
    this.#objects.set(`${object.metadata.namespace}/${object.metadata.name}`, object);
    if (before) for (const { onUpdate } of this.#handlers) onUpdate?.(before, object);
  }

  remove(object: ExperimentObject): void {
    this.#objects.delete(`${object.metadata.namespace}/${object.metadata.name}`);
    for (const { onDelete } of this.#handlers) onDelete?.(object);
  }
}

/** An experiment as the API server gives it. */
export function experimentObject(
  metadata: { readonly name: string; readonly namespace?: string; readonly uid: string },
  status?: unknown,
): ExperimentObject {
  return {
    apiVersion: 'splitlab.dev/v1alpha1',
    kind: 'SplitExperiment',
    metadata: { namespace: 'default', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z', ...metadata },
    spec: { model: { zoo: 'DigitsCnn' }, objectives: ['LatencyP50', 'UplinkBytes'] },
    ...(status !== undefined && { status }),
  };
}

/** A status with the condition `Succeeded`. */
export function succeeded(status: 'True' | 'False' | 'Unknown', reason: string) {
  const lastTransitionTime = '2026-01-01T00:00:00Z';
  return { conditions: [{ type: 'Succeeded', status, reason, message: `it is ${reason}`, lastTransitionTime }] };
}

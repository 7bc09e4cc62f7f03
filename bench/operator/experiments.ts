import { apiVersion, kind, type Manifest, manifestSchema } from '../../api/manifest/manifest.ts';
import { findCondition } from '../../api/status/conditions.ts';
import { readStatus } from '../../api/status/status.ts';
import { subjects } from '../../api/subjects.ts';
import type { Experiment } from '../../operator/experiment/experiment.ts';
import { ended, ready } from '../../operator/experiment/testing/observed.ts';
import { announce, storePlan, storeVisit } from '../../operator/experiment/testing/worker.ts';
import { pods, splitExperiments } from '../../operator/runtime/resources.ts';
import type { View } from '../../test/e2e/cluster/view.ts';
import { namespace, type Site } from './site.ts';

const patienceMs = 60_000;
const toleration = { key: 'kwok.x-k8s.io/node', operator: 'Exists' };
const side = { template: { spec: { tolerations: [toleration] } } };

/** An experiment whose pods may run on nodes that are only played. */
export function experiment(name: string) {
  const spec = { model: { zoo: 'DigitsCnn' }, local: side, remote: side };
  return { apiVersion, kind, metadata: { name, namespace }, spec };
}

export function manifestOf(name: string): Manifest {
  return manifestSchema.parse(experiment(name));
}

export function apply({ client }: Pick<Site, 'client'>, name: string): Promise<Experiment> {
  return client.create(splitExperiments, experiment(name));
}

/** Names of many experiments. */
export function names(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${String(index).padStart(4, '0')}`);
}

/** Does `work` for each item, at most `atOnce` at the same time, in order. */
export async function forEach<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  const rest = items.values();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const item of rest) await work(item);
    }),
  );
}

export function podsOf({ pods }: View, { metadata: { uid } }: Experiment) {
  return pods.byIndex('owner', uid);
}

export async function untilPods(view: View, applied: Experiment): Promise<void> {
  await view.until(patienceMs, 'both pods', () => podsOf(view, applied).length === 2);
}

export async function untilReason(view: View, name: string, reason: string): Promise<void> {
  await view.until(patienceMs, `${name}: ${reason}`, () => {
    const { conditions } = readStatus(view.experiments.get({ namespace, name })?.status);
    return findCondition(conditions, 'Succeeded')?.reason === reason;
  });
}

/** Plays the workers of an experiment until they wait for a first visit. */
export async function playStart(site: Site, view: View, applied: Experiment, visits: number): Promise<void> {
  await untilPods(view, applied);
  const { name, uid } = applied.metadata;
  const { store } = site.stored;
  const scope = subjects({ cluster: site.clusterId, namespace, uid });
  for (const pod of podsOf(view, applied)) await setPod(site, pod.metadata.name, ready);
  await announce(store, scope, 'local');
  await announce(store, scope, 'remote');
  await storePlan(store, scope, visits);
  await untilReason(view, name, 'Running');
}

/** Plays the rest: every visit, and the end of the local worker, after which the operator takes both pods away. */
export async function playEnd(site: Site, view: View, applied: Experiment, visits: number): Promise<void> {
  const { name, uid } = applied.metadata;
  const scope = subjects({ cluster: site.clusterId, namespace, uid });
  for (let block = 0; block < visits; block++) await storeVisit(site.stored.store, scope, { block });
  await setPod(site, `${name}-0-local-0`, ended(0));
  await untilReason(view, name, 'Completed');
  await view.until(patienceMs, `${name}: no pods`, () => podsOf(view, applied).length === 0);
}

async function setPod({ client }: Site, name: string, status: object): Promise<void> {
  await client.patch(pods, { namespace, name }, { status }, { subresource: 'status' });
}

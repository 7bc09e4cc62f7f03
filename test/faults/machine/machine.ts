import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Side } from '../../../api/subjects.ts';
import { labelKeys } from '../../../operator/pod/labels.ts';
import type { Client } from '../../../operator/runtime/client/client.ts';
import type { Informer } from '../../../operator/runtime/informer/informer.ts';
import { keyOf } from '../../../operator/runtime/objects.ts';
import { leases, nodes, pods as podResource } from '../../../operator/runtime/resources.ts';
import type { Container, Pod } from './container.ts';
import { PodRun } from './pod-run.ts';

const name = 'machine';
const renewMs = 3_000;
const bindMs = 200;

/** A node that runs pods as processes of this machine: the test is its scheduler and kubelet. */
export interface Machine extends AsyncDisposable {
  /** Command lines of everything that runs for a pod hold its folder `processes`. */
  readonly folder: string;
  /** Containers that run now. */
  running(uid: string, side: Side, container: string): Container | undefined;
  /** Every pod that ever ran, by name: how many objects of that name there were. */
  readonly made: ReadonlyMap<string, number>;
}

/** Registers the node and runs the pods that the informer shows, whatever becomes of the API server meanwhile. */
export async function startMachine(client: Client, pods: Pick<Informer<Pod>, 'addHandler' | 'get'>): Promise<Machine> {
  const folder = await mkdtemp(join(tmpdir(), 'splitlab-machine-'));
  const stop = new AbortController();
  const { signal } = stop;
  await register(client);
  const beating = heartbeats(client, signal);
  const runs = new Map<string, PodRun>();
  const shown = new Map<string, Pod>();
  const made = new Map<string, number>();

  async function bind(pod: Pod): Promise<void> {
    const target = { apiVersion: 'v1', kind: 'Node', name };
    const body = { apiVersion: 'v1', kind: 'Binding', metadata: keyOf(pod), target };
    while (!signal.aborted && shown.get(pod.metadata.uid)?.spec?.nodeName === undefined) {
      if (!shown.has(pod.metadata.uid)) return;
      await client.createSubresource(podResource, keyOf(pod), 'binding', body).catch(() => {});
      await delay(bindMs, undefined, { signal }).catch(() => {});
    }
  }

  function see(pod: Pod): void {
    const { uid } = pod.metadata;
    if (!shown.has(uid)) {
      made.set(pod.metadata.name, (made.get(pod.metadata.name) ?? 0) + 1);
      shown.set(uid, pod);
      if (pod.spec?.nodeName === undefined) void bind(pod);
    }
    shown.set(uid, pod);
    const run = runs.get(uid);
    if (run) run.see(pod);
    else if (pod.spec?.nodeName !== undefined) runs.set(uid, new PodRun(pod, { client, folder, signal }));
  }
  const deaf = pods.addHandler({
    onAdd: see,
    onUpdate: (_old, pod) => see(pod),
    onDelete({ metadata: { uid } }) {
      shown.delete(uid);
      runs.get(uid)?.remove();
    },
  });
  return {
    folder,
    made,
    running(experiment, side, container) {
      for (const [uid, run] of runs) {
        const { labels = {} } = shown.get(uid)?.metadata ?? {};
        if (labels[labelKeys.experimentUid] !== experiment || labels[labelKeys.side] !== side) continue;
        const found = run.container(container);
        if (found) return found;
      }
      return undefined;
    },
    async [Symbol.asyncDispose]() {
      deaf();
      stop.abort();
      for (const run of runs.values()) run.remove();
      await Promise.all([beating, ...[...runs.values()].map(({ ended }) => ended)]);
      await client.delete(nodes, { name });
      await client.delete(leases, { name, namespace: 'kube-node-lease' });
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function register(client: Client): Promise<void> {
  const capacity = { cpu: '64', memory: '256Gi', pods: '250' };
  const condition = { type: 'Ready', status: 'True', reason: 'KubeletReady', message: '' };
  const status = { capacity, allocatable: capacity, conditions: [condition] };
  await client.create(nodes, { metadata: { name } });
  await client.patch(nodes, { name }, { status }, { subresource: 'status' });
  const spec = { holderIdentity: name, leaseDurationSeconds: 40, renewTime: microTime() };
  await client.create(leases, { metadata: { name, namespace: 'kube-node-lease' }, spec });
}

/** Without them the node would be taken for lost. */
async function heartbeats(client: Client, signal: AbortSignal): Promise<void> {
  const key = { name, namespace: 'kube-node-lease' };
  while (!signal.aborted) {
    await delay(renewMs, undefined, { signal }).catch(() => {});
    await client.patch(leases, key, { spec: { renewTime: microTime() } }, { signal }).catch(() => {});
  }
}

function microTime(): string {
  return new Date().toISOString().replace(/Z$/, '000Z');
}

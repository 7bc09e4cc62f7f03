// Nodes that fail, and what runs on them: a cluster with two real nodes and splitlab in it.
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { seededRandom } from '../../api/random.ts';
import { type Side, subjects } from '../../api/subjects.ts';
import { labelKeys } from '../../operator/pod/labels.ts';
import { namespace as operatorNamespace } from '../chart/rendered.ts';
import type { ClusterNode } from '../cluster/node/cluster-node.ts';
import { openClusterArchive } from '../e2e/cluster/archive.ts';
import { killContainer } from '../e2e/cluster/kill-container.ts';
import { clusterManifest, fitting } from '../e2e/cluster/manifest.ts';
import { clusterTest, type Scene } from '../e2e/cluster/scene.ts';
import { planOf } from '../support/plan.ts';
import { watchStatus } from './cluster/witness.ts';
import { nothingLeft } from './leftovers.ts';
import { assertWhole } from './outcome.ts';

const full = process.env.SPLITLAB_TEST_FULL === '1';
const name = 'faults';
const repetitions = 30;
const patienceMs = 180_000;
/** How long a pod may stay on a node that is not heard of. */
const lostAfter = [
  { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 3 },
  { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 3 },
];

interface Running extends Scene {
  /** The node that NATS is not on. */
  readonly node: ClusterNode;
  /** Waits until this many further visits are stored. */
  further(count: number): Promise<void>;
  podOf(side: Side): ReturnType<Scene['pods']>[number];
}

interface NodeTest {
  readonly blocks: number;
  /** The side whose pod is to be on the node that NATS is not on. */
  readonly there: Side;
  readonly onlyFull?: boolean;
}

/** A test of an experiment that is under way, and that ends whole whatever `body` does. */
function nodeTest(what: string, { blocks, there, onlyFull }: NodeTest, body: (scene: Running) => Promise<void>): void {
  if (onlyFull && !full) return;
  clusterTest(what, async (scene) => {
    const { cluster, view, namespace } = scene;
    const nats = view.pods.list().find(({ metadata }) => metadata.name === 'splitlab-nats-0')?.spec?.nodeName;
    const node = cluster.nodes.find((one) => one.name !== nats);
    const other = cluster.nodes.find((one) => one.name === nats);
    assert.ok(node && other);
    const at = (side: Side) => (side === there ? node : other).name;
    const changes = {
      measurement: { warmup: 1, repetitions, blocks },
      backoffLimit: 20,
      local: { ...fitting.local, template: template(at('local'), fitting.local.template.spec) },
      remote: { ...fitting.remote, template: template(at('remote'), {}) },
    };
    const { spec } = clusterManifest(namespace, name, changes);
    const plan = await planOf(spec);
    await scene.apply(name, changes);
    const uid = scene.uid(name);
    using witness = watchStatus(view.experiments, uid);
    const stored = async () => (await scene.records(uid)).length;
    const further = async (count: number) => {
      const wanted = Math.min((await stored()) + count, plan.visits.length);
      await scene.eventually(`${wanted} records`, async () => ((await stored()) >= wanted ? true : null));
    };
    const podOf = (side: Side) =>
      scene.pods(name).find(({ metadata: { labels } }) => labels?.[labelKeys.side] === side) ?? assert.fail(side);
    await further(1);
    assert.equal(podOf(there).spec?.nodeName, node.name);
    await body({ ...scene, node, further, podOf });

    await scene.until('its end', () => scene.status(name).completionTime, patienceMs);
    const { archive, clusterId, ...opened } = await openClusterArchive(cluster.kubeconfig, view);
    await using _archive = opened;
    const names = subjects({ cluster: clusterId, namespace, uid });
    const records = await assertWhole({ archive, names }, scene.status(name), { plan, repetitions });
    witness.assertOnlyForward();
    await scene.until('its pods go', () => scene.pods(name).length === 0, patienceMs);
    const more = records.length - plan.visits.length;
    scene.context.diagnostic(`${plan.visits.length} visits, ${more} attempts besides`);
    await scene.kubectl('delete', 'splitx', name);
    await nothingLeft(view.client, { namespace, name }, { archive, names });
  });
}

/** Where a pod is to be as long as it can be there. */
function template(node: string, spec: object) {
  const matchExpressions = [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node] }];
  const preferred = [{ weight: 100, preference: { matchExpressions } }];
  const affinity = { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: preferred } };
  return { spec: { ...spec, affinity, tolerations: lostAfter } };
}

nodeTest('a node loses its power', { blocks: 10, there: 'remote' }, async (scene) => {
  const { node, further, until } = scene;
  await node.kill();
  try {
    await until('the remote worker elsewhere', () => scene.status(name).lanes?.[0]?.remotePod === 'faults-0-remote-1');
    await further(1);
  } finally {
    await node.start();
  }
});

nodeTest('a node is cut off and comes back', { blocks: 30, there: 'local', onlyFull: true }, async (scene) => {
  const { node, further, until } = scene;
  await using cut = await node.partition();
  await until('the local worker elsewhere', () => scene.status(name).lanes?.[0]?.localPod === 'faults-0-local-1');
  await further(2);
  await cut[Symbol.asyncDispose]();
  await until('the fenced pod goes', () =>
    scene.pods(name).every(({ metadata }) => metadata.name !== 'faults-0-local-0'),
  );
});

nodeTest(
  'pods are deleted by hand, operators and NATS killed',
  { blocks: 40, there: 'local', onlyFull: true },
  async (scene) => {
    const { further, kubectl, view, cluster, until } = scene;
    const random = seededRandom(51);
    const of = (component: string) =>
      view.pods
        .byIndex('namespace', operatorNamespace)
        .filter(({ metadata }) => metadata.name.startsWith(`splitlab-${component}`));
    const kill = async (component: string, container: string) => {
      for (const pod of of(component)) {
        const before = pod.status?.containerStatuses?.[0]?.restartCount ?? 0;
        await delay(random.below(500));
        await killContainer(cluster, pod, container);
        await until(`${pod.metadata.name} runs again`, () => {
          const [status] =
            view.pods.get({ namespace: operatorNamespace, name: pod.metadata.name })?.status?.containerStatuses ?? [];
          return status !== undefined && status.restartCount > before && status.ready;
        });
      }
    };
    for (const side of ['remote', 'local'] as const) {
      const { metadata } = scene.podOf(side);
      await kubectl('delete', 'pod', metadata.name, '--wait=false');
      await until(`another ${side} pod`, () => {
        const now = scene.status(name).lanes?.[0]?.[`${side}Pod`];
        return now !== undefined && now !== metadata.name;
      });
    }
    await further(1);
    await kill('operator', 'operator');
    await further(1);
    await kill('nats', 'nats');
  },
);

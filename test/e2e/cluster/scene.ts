import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { recordSchema, type VisitRecord } from '../../../api/record/record.ts';
import { findCondition } from '../../../api/status/conditions.ts';
import { type ExperimentStatus, readStatus } from '../../../api/status/status.ts';
import { subjects } from '../../../api/subjects.ts';
import { labelKeys } from '../../../operator/pod/labels.ts';
import { withHelm } from '../../chart/helm.ts';
import { namespace as operatorNamespace } from '../../chart/rendered.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import { writeJaegerImage } from '../../cluster/images.ts';
import { withCluster } from '../../cluster/testing.ts';
import { type Finished, runToEnd, temporaryFolder } from '../../support/command.ts';
import { eventually } from '../../support/deadline.ts';
import { type ClusterArchive, openClusterArchive } from './archive.ts';
import { install, installationOptions, makeNamespace } from './installation.ts';
import { installJaeger, jaegerEndpoint } from './jaeger.ts';
import { clusterManifest } from './manifest.ts';
import { report } from './report.ts';
import { openView, type Pod, type View } from './view.ts';

const patienceMs = 90_000;
const plugin = fileURLToPath(new URL('../../../bin/kubectl-split', import.meta.url));

/** One namespace of a cluster with splitlab in it, and what its user does and sees there. */
export interface Scene {
  readonly namespace: string;
  readonly cluster: Cluster;
  readonly view: View;
  readonly context: TestContext;
  /** Applies a small experiment with these members of the spec replaced. */
  apply(
    name: string,
    changes?: Readonly<Record<string, unknown>>,
    annotations?: Readonly<Record<string, string>>,
  ): Promise<void>;
  kubectl(...args: string[]): Promise<string>;
  /** Creates objects as an administrator, in the namespace where they have none. */
  create(...items: readonly object[]): Promise<void>;
  /** `kubectl split` as a user who may view the namespace. */
  split(...args: string[]): Promise<Finished>;
  /** Waits until something holds of what is seen of the cluster. */
  until<T>(what: string, look: () => T | null | undefined | false, ms?: number): Promise<T>;
  /** Asks again and again for what cannot be watched. */
  eventually<T>(what: string, look: () => Promise<T | null>): Promise<T>;
  /** Waits until a condition of an experiment has this reason; gives its message. */
  untilReason(name: string, type: string, reason: string): Promise<string>;
  uid(name: string): string;
  status(name: string): ExperimentStatus;
  pods(name: string): readonly Pod[];
  /** Reasons of the events about an experiment. */
  story(name: string): readonly string[];
  /** What is stored of an experiment: its records, and the subjects of everything. */
  records(uid: string): Promise<VisitRecord[]>;
  subjects(uid: string): Promise<string[]>;
}

interface Stage {
  readonly cluster: Cluster;
  readonly view: View;
  readonly stored: ClusterArchive;
}

// Hooks run in the order in which they are made: the cluster goes after what looks at it.
const stageStack = new AsyncDisposableStack();
after(() => stageStack.disposeAsync());
await using images = await temporaryFolder();
const { skip: noHelm } = await withHelm();
const { skipFaults: noCluster, own } = await withCluster(async () => {
  const [options, jaeger] = await Promise.all([installationOptions(images.path), writeJaegerImage(images.path)]);
  return { ...options, images: [...(options.images ?? []), jaeger] };
});
/** Why there is no cluster to install splitlab in. */
export const skip = noHelm || noCluster;
let stage: Promise<Stage> | undefined;

async function raise(): Promise<Stage> {
  const cluster = own();
  await Promise.all([install(cluster, { 'telemetry.endpoint': jaegerEndpoint }), installJaeger(cluster)]);
  const view = stageStack.use(await openView(cluster.kubeconfig));
  const stored = stageStack.use(await openClusterArchive(cluster.kubeconfig, view));
  return { cluster, view, stored };
}

/** A test in a namespace of its own; where it fails, what the cluster says of that is printed. */
export function clusterTest(name: string, body: (scene: Scene) => Promise<void>): void {
  const namespace = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replace(/-$/, '');
  test(name, { skip, timeout: 300_000 }, async (context) => {
    stage ??= raise();
    const { cluster, view } = await stage;
    await makeNamespace(cluster, namespace);
    try {
      await body(sceneOf(namespace, context, await stage));
    } catch (error) {
      context.diagnostic(await report(cluster, view, namespace));
      throw error;
    } finally {
      await cluster.kubectl(['delete', 'namespace', namespace, '--wait=false']);
    }
  });
}

function sceneOf(namespace: string, context: TestContext, { cluster, view, stored }: Stage): Scene {
  const experiment = (name: string) => view.experiments.get({ namespace, name });
  const uid = (name: string) => experiment(name)?.metadata.uid ?? assert.fail(`${name} is not there`);
  const status = (name: string) => readStatus(experiment(name)?.status);
  const names = (uid: string) => subjects({ cluster: stored.clusterId, namespace, uid });
  let user: Promise<string> | undefined;

  async function viewer(): Promise<string> {
    const account = `${namespace}:reader`;
    const identity = await cluster.serviceAccount(namespace, 'reader');
    context.after(() => identity[Symbol.dispose]());
    const bind = ['create', 'rolebinding', `--serviceaccount=${account}`];
    await cluster.kubectl([...bind, 'view', '--clusterrole=view', '--namespace', namespace]);
    const results = [namespace, '--role=splitlab-results-reader', '--namespace', operatorNamespace];
    await cluster.kubectl([...bind, ...results]);
    return identity.kubeconfig;
  }

  const scene: Scene = {
    namespace,
    cluster,
    view,
    context,
    async apply(name, changes, annotations) {
      const manifest = clusterManifest(namespace, name, changes, annotations);
      await cluster.kubectl(['apply', '--filename=-'], JSON.stringify(manifest));
      await scene.until(`${name} is seen`, () => experiment(name));
    },
    kubectl: (...args) => cluster.kubectl(['--namespace', namespace, ...args]),
    async create(...items) {
      const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
      await cluster.kubectl(['create', '--namespace', namespace, '--filename=-'], list);
    },
    async split(...args) {
      user ??= viewer();
      const env = { KUBECONFIG: await user };
      return runToEnd([...args, '--namespace', namespace], { folder: cluster.folder, through: [plugin], env });
    },
    until: (what, look, ms = patienceMs) => view.until(ms, what, look),
    eventually: (what, look) => eventually(patienceMs, what, look),
    untilReason: (name, type, reason) =>
      scene.until(`${name}: ${type} ${reason}`, () => {
        const { conditions } = status(name);
        const ended = findCondition(conditions, 'Succeeded');
        const found = findCondition(conditions, type);
        if (found?.reason !== reason && ended && ended.status !== 'Unknown') {
          assert.fail(`${name} ended: ${ended.reason}: ${ended.message}`);
        }
        return found?.reason === reason ? found.message || reason : null;
      }),
    uid,
    status,
    pods: (name) => {
      const owner = experiment(name)?.metadata.uid;
      return view.pods
        .byIndex('namespace', namespace)
        .filter(({ metadata: { labels = {} } }) => owner !== undefined && labels[labelKeys.experimentUid] === owner);
    },
    story: (name) =>
      view.events
        .byIndex('namespace', namespace)
        .filter(({ involvedObject }) => involvedObject?.kind === 'SplitExperiment' && involvedObject.name === name)
        .flatMap(({ reason }) => reason ?? []),
    async records(uid) {
      const found: VisitRecord[] = [];
      for await (const { value } of stored.archive.scan('records', names(uid).allRecords)) {
        found.push(recordSchema.parse(value));
      }
      return found;
    },
    async subjects(uid) {
      const found: string[] = [];
      for (const stream of ['records', 'samples'] as const) {
        for await (const page of stored.archive.subjects(stream, names(uid).all)) found.push(...page);
      }
      return found;
    },
  };
  return scene;
}

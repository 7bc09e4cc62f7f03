import { buildImage, imageReference } from '../../../images/build.ts';
import { helm } from '../../chart/helm.ts';
import { chart, namespace, parse } from '../../chart/rendered.ts';
import type { Cluster, ClusterOptions } from '../../cluster/cluster.ts';
import { natsImage, writeNatsImage } from '../../cluster/images.ts';

/** What a cluster needs before {@link install}: two nodes with the images, and the definition. */
export async function installationOptions(folder: string): Promise<ClusterOptions> {
  const images = await Promise.all([
    buildImage('operator', folder),
    buildImage('worker-cpu', folder),
    buildImage('worker-cuda', folder),
    writeNatsImage(folder),
  ]);
  return { nodes: 2, images, crds: 'crds' };
}

const [registry] = imageReference('operator').split('/');
const [natsRegistry, natsRepository, natsTag] = natsImage.split(/[/:]/);
const values = {
  images: { registry, tag: 'dev', pullPolicy: 'Never' },
  operator: {
    replicas: 2,
    concurrency: 8,
    // What is left of a deleted experiment goes while a test waits for it.
    purge: { graceSeconds: 2, intervalSeconds: 1 },
  },
  'nats.bundled': {
    image: { registry: natsRegistry, repository: natsRepository, tag: natsTag },
    persistence: { enabled: false },
  },
};

/**
 * Puts the chart's objects into the cluster, in a namespace of restricted pods, and waits until they are ready; `more`:
 * values of the chart by their paths.
 */
export async function install(
  cluster: Pick<Cluster, 'kubectl'>,
  more: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  await makeNamespace(cluster, namespace);
  const set = Object.entries({ ...values, ...more }).flatMap(([name, value]) => [
    '--set-json',
    `${name}=${JSON.stringify(value)}`,
  ]);
  const items = parse(await helm('template', 'splitlab', chart, '--namespace', namespace, ...set));
  await cluster.kubectl(
    ['apply', '--server-side', '--filename=-'],
    JSON.stringify({ apiVersion: 'v1', kind: 'List', items }),
  );
  for (const workload of ['statefulset/splitlab-nats', 'deployment/splitlab-operator']) {
    await cluster.kubectl(['rollout', 'status', workload, '--namespace', namespace, '--timeout=90s']);
  }
}

/** Makes a namespace whose pods must be restricted ones. */
export async function makeNamespace({ kubectl }: Pick<Cluster, 'kubectl'>, name: string): Promise<void> {
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
  await kubectl(['create', '--filename=-'], JSON.stringify(object));
}

import assert from 'node:assert/strict';
import type { Cluster } from '../../cluster/cluster.ts';
import type { Pod } from './view.ts';

/** Ends the first process of a pod's container as `kill -9` does. */
export async function killContainer({ nodes }: Pick<Cluster, 'nodes'>, pod: Pod, name: string): Promise<void> {
  const container = pod.status?.containerStatuses?.find((one) => one.name === name);
  const node = nodes.find((one) => one.name === pod.spec?.nodeName);
  assert.ok(container?.containerID && node, `${pod.metadata.name}/${name} runs`);
  const id = container.containerID.replace('containerd://', '');
  await node.exec(['ctr', '--namespace', 'k8s.io', 'tasks', 'kill', '--signal', 'SIGKILL', id]);
}

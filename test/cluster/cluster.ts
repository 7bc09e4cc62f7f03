import { rm } from 'node:fs/promises';
import { removeCgroups, sweepCgroups } from './cgroups.ts';
import { type ControlPlane, type PlaneInNetwork, startControlPlaneIn } from './control-plane.ts';
import { startDns } from './dns.ts';
import { writePauseImage } from './images.ts';
import { type ClusterNetwork, makeClusterNetwork } from './network.ts';
import { type ClusterNode, clusterNode } from './node/cluster-node.ts';
import { makeNode } from './node/node.ts';
import { requireNodes } from './requirements.ts';
import { makeRigFolder, ownName, sweepFolders } from './rig-folder.ts';

export interface ClusterOptions {
  /** How many nodes; default 2. */
  readonly nodes?: number;
  /** OCI image archives that every node has; pods name them with `imagePullPolicy: Never`. */
  readonly images?: readonly string[];
  /** A folder of manifests, or the objects themselves. */
  readonly crds?: string | readonly unknown[] | undefined;
}

/** A cluster with real nodes: kubelet, containerd and kube-proxy each, pods in networks of their own, and DNS. */
export interface Cluster extends ControlPlane {
  readonly nodes: readonly ClusterNode[];
  /** Keeps a pod from reaching the API server, and every answer from it, until disposed of. Other traffic goes on. */
  cutOff(podAddress: string): Promise<AsyncDisposable>;
  /** Makes a port of 127.0.0.1 reachable for pods; gives the address and port that they use. */
  expose(port: number): Promise<{ readonly host: string; readonly port: number }>;
}

/**
 * Starts a cluster in about 10 s. All of it lives in namespaces that end with this process, however that ends; several
 * clusters run beside one another. Throws `NodesUnsupported` where there can be no nodes, and `ProgramMissing`.
 */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  await requireNodes();
  await Promise.all([sweepFolders(), sweepCgroups()]);
  const { nodes: count = 2, images = [], crds } = options;
  await using undo = new AsyncDisposableStack();
  const rig = await ownName();
  const folder = await makeRigFolder(rig);
  undo.defer(() => rm(folder, { recursive: true, force: true }));
  const network = undo.use(await makeClusterNetwork(folder));
  const plane = undo.use(await startControlPlaneIn({ folder, network }, { crds, controllers: true, scheduler: true }));
  undo.use(await startDns(plane, network));
  const archives = [await writePauseImage(folder), ...images];
  undo.defer(() => removeCgroups(rig));
  const numbers = Array.from({ length: count }, (_, index) => index + 1);
  const machines = await Promise.all(
    numbers.map(async (number) => undo.use(await makeNode({ number, nodes: count, rig, plane, network }))),
  );
  const nodes = machines.map((machine, index) => clusterNode(machine, { number: index + 1, plane, network, archives }));
  await Promise.all(nodes.map((node) => node.start()));
  const parts = undo.move();
  const stop = () => parts.disposeAsync();
  return withNodes(plane, nodes, network, stop);
}

function withNodes(
  plane: PlaneInNetwork,
  nodes: readonly ClusterNode[],
  network: ClusterNetwork,
  stop: () => Promise<void>,
): Cluster {
  // The process ids of the plane change: what it gives is asked for each time.
  const parts = { nodes, cutOff: network.cutOff, expose: network.expose, stop, [Symbol.asyncDispose]: stop };
  return Object.create(plane, Object.getOwnPropertyDescriptors(parts));
}

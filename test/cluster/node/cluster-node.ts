import { z } from 'zod';
import { eventually } from '../../support/deadline.ts';
import type { PlaneInNetwork } from '../control-plane.ts';
import type { ClusterNetwork } from '../network.ts';
import type { NodeMachine } from './node.ts';

/** A node of a test cluster and what can befall it. */
export interface ClusterNode {
  readonly name: string;
  readonly address: string;
  /** Its logs and state. */
  readonly folder: string;
  /** A power cut: every process of the node ends at once. */
  kill(): Promise<void>;
  /** Boots it after {@link kill}, with the disk it had; resolves when it is Ready. */
  start(): Promise<void>;
  /** Pulls its cable until disposed of: it and its pods run on, and reach nobody. */
  partition(): Promise<AsyncDisposable>;
  /** Gives it units of an extended resource, as a device plugin would, over restarts too; 0 takes them away. */
  setResource(name: string, units: number): Promise<void>;
  importImage(archive: string): Promise<void>;
  /** Runs a program on the node, as root beside its pods, and gives its output. */
  exec(args: readonly string[]): Promise<string>;
}

export interface Surroundings {
  readonly number: number;
  readonly plane: PlaneInNetwork;
  readonly network: ClusterNetwork;
  /** What it has after its first start. */
  readonly archives: readonly string[];
}

export function clusterNode(machine: NodeMachine, { number, plane, network, archives }: Surroundings): ClusterNode {
  const { name, address, folder, kill, importImage } = machine;
  const path = `/api/v1/nodes/${name}`;
  const resources = new Map<string, number>();
  let missing = archives;

  async function patchResource(resource: string, units: number): Promise<void> {
    const values = { [resource]: units === 0 ? null : `${units}` };
    const body = { status: { capacity: values, allocatable: values } };
    const { status } = await plane.client.send('PATCH', `${path}/status`, body, 'application/merge-patch+json');
    if (status !== 200) throw new Error(`PATCH ${path}/status: ${status}`);
  }

  return {
    name,
    address,
    folder,
    kill,
    importImage,
    exec: (args) => machine.exec(args),
    async start() {
      await machine.boot();
      for (const archive of missing) await importImage(archive);
      missing = [];
      await eventually(60_000, `${name} to be ready`, async () => {
        const { body } = await plane.client.send('GET', path);
        return isReady(body, machine.bootId) ? true : null;
      });
      // A kubelet that starts takes away what no device plugin has told it of.
      for (const [resource, units] of resources) await patchResource(resource, units);
    },
    async partition() {
      await network.setCable(number, false);
      return { [Symbol.asyncDispose]: () => network.setCable(number, true) };
    },
    async setResource(resource, units) {
      resources.set(resource, units);
      await patchResource(resource, units);
    },
  };
}

const nodeSchema = z.object({
  status: z.object({
    nodeInfo: z.object({ bootID: z.string() }),
    conditions: z.array(z.object({ type: z.string(), status: z.string() })).default([]),
  }),
});

/** Whether the node is ready in this boot: until it is heard of, the API shows how it was before. */
function isReady(node: unknown, bootId: string): boolean {
  const parsed = nodeSchema.safeParse(node);
  if (!parsed.success) return false;
  const { nodeInfo, conditions } = parsed.data.status;
  return nodeInfo.bootID === bootId && conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
}

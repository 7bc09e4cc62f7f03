import { join } from 'node:path';
import { eventually } from '../support/deadline.ts';
import type { ControlPlane } from './control-plane.ts';
import { freePort } from './ports.ts';
import { startProcess } from './process.ts';
import { kwok } from './programs/components.ts';

const annotation = 'kwok.x-k8s.io/node';

export interface KwokOptions {
  readonly nodes: number;
  /** Of each node; default 32 cores, 256 GiB, 250 pods. */
  readonly capacity?: Readonly<Record<string, string>>;
}

/**
 * Adds nodes that are only played, ready when this resolves: pods on them are said to run at once, and no program does.
 * They have the label `type: kwok`, and a taint of `kwok.x-k8s.io/node` that pods must tolerate.
 */
export async function startKwok(plane: ControlPlane, options: KwokOptions): Promise<AsyncDisposable> {
  const { program, stages } = await kwok();
  const player = await startProcess({
    name: 'kwok',
    file: program,
    args: [
      `--config=${stages}`,
      `--kubeconfig=${plane.kubeconfig}`,
      '--manage-all-nodes=false',
      `--manage-nodes-with-annotation-selector=${annotation}=fake`,
      '--node-lease-duration-seconds=40',
      '--cidr=10.250.0.0/16',
      '--node-ip=10.77.0.1',
      `--server-address=127.0.0.1:${await freePort()}`,
    ],
    logFile: join(plane.folder, 'kwok.log'),
  });
  try {
    const names = Array.from({ length: options.nodes }, (_, index) => `kwok-${index + 1}`);
    const items = names.map((name) => node(name, options.capacity));
    await plane.kubectl(['create', '--filename=-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
    await eventually(60_000, `${options.nodes} nodes of KWOK`, async () => {
      const ready = await plane.kubectl([
        'wait',
        '--for=condition=Ready',
        'node',
        '--selector=type=kwok',
        '--timeout=30s',
      ]);
      return ready.trim().split('\n').length === options.nodes ? true : null;
    });
    return player;
  } catch (error) {
    await player.kill();
    throw error;
  }
}

function node(name: string, capacity: KwokOptions['capacity']): unknown {
  const resources = { cpu: '32', memory: '256Gi', pods: '250', ...capacity };
  const labels = { type: 'kwok', 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux' };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels, annotations: { [annotation]: 'fake' } },
    spec: { taints: [{ key: annotation, value: 'fake', effect: 'NoSchedule' }] },
    status: { capacity: resources, allocatable: resources },
  };
}

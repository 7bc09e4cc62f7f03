import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { serviceRange } from './addresses.ts';
import type { Authority } from './authority.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { freePort } from './ports.ts';
import { type ClusterProcess, startProcess } from './process.ts';
import { findPrograms } from './programs/kubernetes.ts';

export interface ControllerOptions {
  readonly folder: string;
  readonly authority: Authority;
  /** URL of the API server as seen from where they run. */
  readonly server: string;
  readonly tokenKey: string;
  readonly through?: readonly string[] | undefined;
  readonly controllerManager: boolean;
  readonly scheduler: boolean;
}

/** The controllers that run beside an API server. */
export interface Controllers extends AsyncDisposable {
  readonly pids: Readonly<Record<string, number>>;
  /** Waits until the controller manager, if there is one, has done what `isReady` looks for. */
  until(isReady: () => Promise<boolean>): Promise<void>;
  /** Kills them as a crash would and starts them again. */
  restart(): Promise<void>;
}

// The defaults of 20 and 50 requests a second are all that one sees when many pods are made.
const clientQps = 1000;
const clientBurst = 2000;

/** Starts those asked for, without waiting for them. */
export async function startControllers(options: ControllerOptions): Promise<Controllers> {
  const start = async () => ({
    manager: options.controllerManager ? await startControllerManager(options) : undefined,
    scheduler: options.scheduler ? await startScheduler(options) : undefined,
  });
  let running = await start();
  const all = () => [running.manager, running.scheduler].filter((one) => one !== undefined);
  const kill = async () => {
    await Promise.all(all().map((one) => one.kill()));
  };
  return {
    get pids() {
      return Object.fromEntries(all().map(({ name, pid }) => [name, pid]));
    },
    until: async (isReady) => running.manager?.until(isReady),
    async restart() {
      await kill();
      running = await start();
    },
    [Symbol.asyncDispose]: kill,
  };
}

// Its garbage collector looks for new kinds only every 30 s.
async function startControllerManager(options: ControllerOptions): Promise<ClusterProcess> {
  const { authority, tokenKey } = options;
  const kubeconfig = await kubeconfigOf('kube-controller-manager', options);
  return launch('kube-controller-manager', options, [
    ...kubeconfigFlags(kubeconfig),
    `--kubeconfig=${kubeconfig}`,
    '--leader-elect=false',
    '--use-service-account-credentials=true',
    `--service-account-private-key-file=${tokenKey}`,
    `--root-ca-file=${authority.certificate}`,
    `--cluster-signing-cert-file=${authority.certificate}`,
    `--cluster-signing-key-file=${authority.key}`,
    `--service-cluster-ip-range=${serviceRange}`,
    // A node that is gone counts as such after 16 s instead of 50 s.
    '--node-monitor-period=2s',
    '--node-monitor-grace-period=16s',
    '--concurrent-gc-syncs=50',
    `--kube-api-qps=${clientQps}`,
    `--kube-api-burst=${clientBurst}`,
  ]);
}

async function startScheduler(options: ControllerOptions): Promise<ClusterProcess> {
  const kubeconfig = await kubeconfigOf('kube-scheduler', options);
  const config = join(options.folder, 'kube-scheduler.json');
  await writeFile(
    config,
    JSON.stringify({
      apiVersion: 'kubescheduler.config.k8s.io/v1',
      kind: 'KubeSchedulerConfiguration',
      clientConnection: { kubeconfig, qps: clientQps, burst: clientBurst },
      leaderElection: { leaderElect: false },
    }),
  );
  return launch('kube-scheduler', options, [...kubeconfigFlags(kubeconfig), `--config=${config}`]);
}

type Controller = 'kube-controller-manager' | 'kube-scheduler';

async function launch(name: Controller, options: ControllerOptions, flags: readonly string[]): Promise<ClusterProcess> {
  const programs = await findPrograms([name]);
  const args = [...flags, '--bind-address=127.0.0.1', `--secure-port=${await freePort()}`];
  const { folder, through = [] } = options;
  return startProcess({ name, file: programs[name], args, logFile: join(folder, `${name}.log`), through });
}

async function kubeconfigOf(name: Controller, { folder, authority, server }: ControllerOptions): Promise<string> {
  const certificate = await authority.issue({ name, commonName: `system:${name}` });
  return writeKubeconfig(join(folder, `${name}.kubeconfig`), server, authority.pem, { certificate });
}

function kubeconfigFlags(kubeconfig: string): string[] {
  return [`--authentication-kubeconfig=${kubeconfig}`, `--authorization-kubeconfig=${kubeconfig}`];
}

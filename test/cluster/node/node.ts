import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exists } from '../../../cli/programs/cached.ts';
import { eventually } from '../../support/deadline.ts';
import { dnsService, nodeNetwork } from '../addresses.ts';
import { makeCgroups, removeCgroups } from '../cgroups.ts';
import { type CommandInput, command } from '../command.ts';
import type { PlaneInNetwork } from '../control-plane.ts';
import { writeKubeconfig } from '../kubeconfig.ts';
import { firstChild, makeNetworkNamespace, type NetworkNamespace } from '../namespaces.ts';
import type { ClusterNetwork } from '../network.ts';
import { type ClusterProcess, startProcess } from '../process.ts';
import { findPrograms } from '../programs/kubernetes.ts';
import { nodeTools } from '../programs/node-tools.ts';
import { cniConfig, containerdToml, kubeletConfig, kubeProxyConfig } from './config.ts';

/** Everything of a node that is not its state in the API: its processes, in namespaces of their own. */
export interface NodeMachine extends AsyncDisposable {
  readonly name: string;
  readonly address: string;
  /** Changes with every boot; the node's status tells it. */
  readonly bootId: string;
  /** Its files: `kubelet.log`, `containerd.log`, `kube-proxy.log`, `init.log` among them. */
  readonly folder: string;
  readonly network: NetworkNamespace;
  /** Ends it as a power cut would: every process at once, containers too. Its disk stays. */
  kill(): Promise<void>;
  boot(): Promise<void>;
  /** Runs a program in it, as root beside its pods. */
  exec(args: readonly string[], input?: CommandInput): Promise<string>;
  /** Loads an OCI image archive. */
  importImage(archive: string): Promise<void>;
}

export interface NodeOptions {
  /** From 1. */
  readonly number: number;
  /** How many nodes the cluster has. */
  readonly nodes: number;
  readonly rig: string;
  readonly plane: PlaneInNetwork;
  readonly network: ClusterNetwork;
}

/** Prepares a node's folder; it does not run before it is booted. */
export async function makeNode(options: NodeOptions): Promise<NodeMachine> {
  const { number, rig, plane } = options;
  const name = `node-${number}`;
  const { address, podRange } = nodeNetwork(number);
  const folder = join(plane.folder, name);
  await writeState(folder, { name, address, podRange }, plane);
  const kubelet = (await findPrograms(['kubelet'])).kubelet;
  const init = [join(import.meta.dirname, 'init.sh'), folder, await nodeTools(), join(kubelet, '..')];
  let bootId = '';
  let network: NetworkNamespace | undefined;
  let machine: ClusterProcess | undefined;

  const inside = async (args: readonly string[], input?: CommandInput) => {
    if (!machine) throw new Error(`${name} is not running`);
    const target = ['--target', `${await firstChild(machine)}`];
    const all = ['--mount', '--pid', '--net', '--uts', '--ipc', '--cgroup', '--wd=/'];
    return command('nsenter', [...target, ...all, '--', ...args], { ...(input !== undefined && { input }) });
  };
  const kill = async () => {
    // Its first process has asked to be killed with the one that made its namespaces, and takes all others along.
    const first = machine && (await firstChild(machine).catch(() => 0));
    await machine?.kill();
    if (first)
      await eventually(10_000, `the end of ${name}`, async () => ((await exists(`/proc/${first}`)) ? null : true));
    await network?.[Symbol.asyncDispose]();
    machine = undefined;
    network = undefined;
    await removeCgroups(rig, name);
  };
  return {
    name,
    address,
    folder,
    get bootId() {
      return bootId;
    },
    get network() {
      if (!network) throw new Error(`${name} is not running`);
      return network;
    },
    kill,
    async boot() {
      bootId = randomUUID();
      await writeFile(join(folder, 'boot-id'), `${bootId}\n`);
      await rm(join(folder, 'containerd.ready'), { force: true });
      const groups = await makeCgroups(rig, name);
      network = await makeNetworkNamespace(name, folder);
      machine = await startProcess({
        name,
        file: 'unshare',
        args: [
          ...['--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child', '--uts', '--ipc', '--cgroup'],
          ...init,
        ],
        logFile: join(folder, 'init.log'),
        through: [...network.through, 'sh', '-c', enterGroups, groups.join(' ')],
      });
      await firstChild(machine);
      await options.network.attach(number, network, options.nodes);
      await machine.until(() => exists(join(folder, 'containerd.ready')));
    },
    exec: inside,
    async importImage(archive) {
      await inside(['ctr', '--namespace', 'k8s.io', 'images', 'import', '-'], createReadStream(archive));
    },
    [Symbol.asyncDispose]: kill,
  };
}

// A hierarchy without controllers may refuse; what counts of it is seen when pods are started.
const enterGroups = 'for group in $0; do echo $$ > $group 2> /dev/null || true; done; exec "$@"';

async function writeState(
  folder: string,
  config: { readonly name: string; readonly address: string; readonly podRange: string },
  { authority, innerServer }: PlaneInNetwork,
): Promise<void> {
  const { name, address } = config;
  await mkdir(join(folder, 'var'), { recursive: true });
  const certificate = await authority.issue({
    name,
    commonName: `system:node:${name}`,
    organizations: ['system:nodes'],
    alternativeNames: [`DNS:${name}`, `IP:${address}`],
  });
  const proxy = await authority.issue({ name: `kube-proxy-${name}`, commonName: 'kube-proxy' });
  const file = (one: string) => join(folder, one);
  const json = (value: unknown) => JSON.stringify(value, null, 2);
  const ca = authority.pem;
  await Promise.all([
    writeKubeconfig(file('kubelet.kubeconfig'), innerServer, ca, { certificate }),
    writeKubeconfig(file('kube-proxy.kubeconfig'), innerServer, ca, { certificate: proxy }),
    writeFile(file('ca.crt'), ca),
    copyFile(certificate.certificate, file('kubelet.crt')),
    copyFile(certificate.key, file('kubelet.key')),
    writeFile(file('hostname'), `${name}\n`),
    writeFile(file('address'), `${address}\n`),
    writeFile(file('machine-id'), `${createHash('md5').update(folder).digest('hex')}\n`),
    writeFile(file('containerd.toml'), containerdToml()),
    writeFile(file('cni.json'), json(cniConfig(config))),
    writeFile(file('kubelet.json'), json(kubeletConfig(dnsService))),
    writeFile(file('kube-proxy.json'), json(kubeProxyConfig(config))),
  ]);
}

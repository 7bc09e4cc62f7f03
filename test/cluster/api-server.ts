import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { apiService, serviceRange } from './addresses.ts';
import { type Authority, createTokenKeys } from './authority.ts';
import { freePort } from './ports.ts';
import { type ClusterProcess, startProcess } from './process.ts';
import { findPrograms } from './programs/kubernetes.ts';

export interface ApiServerOptions {
  readonly folder: string;
  readonly authority: Authority;
  /** On 127.0.0.1. */
  readonly port: number;
  /** An address besides 127.0.0.1 at which nodes reach it; absent: there are none. */
  readonly address?: string | undefined;
  /** Whether a controller makes service accounts: else pods must be admitted without one. */
  readonly serviceAccounts: boolean;
  /** File to which every request is written once it was answered, a JSON object a line; absent: none is. */
  readonly auditLog?: string | undefined;
  /** A command line that runs programs in another network namespace. */
  readonly through?: readonly string[] | undefined;
  /** Whether it answers by now. */
  readonly isReady: () => Promise<boolean>;
}

/** An API server with its etcd. */
export interface ApiServer extends AsyncDisposable {
  /** Private key that signs service account tokens. */
  readonly tokenKey: string;
  readonly pids: Readonly<Record<'etcd' | 'kube-apiserver', number>>;
  /** Kills the API server as a crash would; etcd goes on. */
  kill(): Promise<void>;
  /** Starts it again on the same port. Resolves when it is ready. */
  start(): Promise<void>;
}

/** Starts etcd, and an API server on it with RBAC, the aggregation layer and service account tokens. */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { folder, through = [] } = options;
  const programs = await findPrograms(['etcd', 'kube-apiserver']);
  const [etcdPort, peerPort] = [await freePort(), await freePort()];
  const [identity, tokenKeys] = await Promise.all([identityFlags(options), createTokenKeys(folder)]);
  const launch = (name: keyof typeof programs, args: readonly string[]) =>
    startProcess({ name, file: programs[name], args, logFile: join(folder, `${name}.log`), through });
  const etcd = await launch('etcd', etcdFlags(join(folder, 'etcd'), etcdPort, peerPort));
  const flags = [
    `--etcd-servers=http://127.0.0.1:${etcdPort}`,
    `--secure-port=${options.port}`,
    ...(options.address
      ? ['--bind-address=0.0.0.0', `--advertise-address=${options.address}`]
      : ['--bind-address=127.0.0.1', '--advertise-address=127.0.0.1', '--endpoint-reconciler-type=none']),
    `--service-cluster-ip-range=${serviceRange}`,
    '--authorization-mode=Node,RBAC',
    '--allow-privileged=true',
    '--kubelet-preferred-address-types=InternalIP',
    ...(options.serviceAccounts ? [] : ['--disable-admission-plugins=ServiceAccount']),
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${tokenKeys.publicKey}`,
    `--service-account-signing-key-file=${tokenKeys.key}`,
    ...identity,
    ...(options.auditLog ? await auditFlags(folder, options.auditLog) : []),
  ];
  let server: ClusterProcess | undefined;
  const api: ApiServer = {
    tokenKey: tokenKeys.key,
    get pids() {
      return { etcd: etcd.pid, 'kube-apiserver': server?.pid ?? -1 };
    },
    kill: async () => server?.kill(),
    async start() {
      server = await launch('kube-apiserver', flags);
      await server.until(options.isReady);
    },
    async [Symbol.asyncDispose]() {
      await server?.kill();
      await etcd.kill();
    },
  };
  try {
    await api.start();
    return api;
  } catch (error) {
    await api[Symbol.asyncDispose]();
    throw error;
  }
}

/** Each request is written before its answer is complete. */
async function auditFlags(folder: string, log: string): Promise<string[]> {
  const policy = join(folder, 'audit-policy.json');
  const rules = [{ level: 'Metadata', omitStages: ['RequestReceived'] }];
  await writeFile(policy, JSON.stringify({ apiVersion: 'audit.k8s.io/v1', kind: 'Policy', rules }));
  return [`--audit-policy-file=${policy}`, `--audit-log-path=${log}`, '--audit-log-mode=blocking'];
}

function etcdFlags(folder: string, port: number, peerPort: number): string[] {
  const [client, peer] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${peerPort}`];
  return [
    '--name=one',
    `--data-dir=${folder}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=one=${peer}`,
    // Nothing here is to survive the machine.
    '--unsafe-no-fsync',
    '--log-level=warn',
  ];
}

/** Who it is to its clients, to kubelets and to the servers it aggregates, and whom it believes. */
async function identityFlags({ authority, address }: ApiServerOptions): Promise<string[]> {
  const names = ['localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc'];
  const addresses = ['127.0.0.1', apiService, ...(address ? [address] : [])];
  const [serving, kubelets, proxy] = await Promise.all([
    authority.issue({
      name: 'kube-apiserver',
      commonName: 'kube-apiserver',
      alternativeNames: [...names.map((name) => `DNS:${name}`), ...addresses.map((ip) => `IP:${ip}`)],
    }),
    authority.issue({ name: 'to-kubelets', commonName: 'kube-apiserver', organizations: ['system:masters'] }),
    authority.issue({ name: 'front-proxy', commonName: 'front-proxy' }),
  ]);
  return [
    `--client-ca-file=${authority.certificate}`,
    `--tls-cert-file=${serving.certificate}`,
    `--tls-private-key-file=${serving.key}`,
    `--kubelet-certificate-authority=${authority.certificate}`,
    `--kubelet-client-certificate=${kubelets.certificate}`,
    `--kubelet-client-key=${kubelets.key}`,
    `--requestheader-client-ca-file=${authority.certificate}`,
    '--requestheader-allowed-names=front-proxy',
    '--requestheader-username-headers=X-Remote-User',
    '--requestheader-group-headers=X-Remote-Group',
    '--requestheader-extra-headers-prefix=X-Remote-Extra-',
    `--proxy-client-cert-file=${proxy.certificate}`,
    `--proxy-client-key-file=${proxy.key}`,
  ];
}

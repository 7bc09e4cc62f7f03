import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startApiServer } from './api-server.ts';
import { type Authority, createAuthority } from './authority.ts';
import type { Client } from './client.ts';
import { command } from './command.ts';
import { startControllers } from './controllers.ts';
import { establish } from './crds.ts';
import { createIdentities, type Identity } from './identities.ts';
import { freePort } from './ports.ts';
import { findPrograms } from './programs/kubernetes.ts';
import { makeRigFolder, ownName, sweepFolders } from './rig-folder.ts';
import { serviceAccountToken } from './service-accounts.ts';

export interface ControlPlaneOptions {
  /** A folder of manifests, or the objects themselves. They are established before any controller starts. */
  readonly crds?: string | readonly unknown[] | undefined;
  /** Whether kube-controller-manager runs: garbage collection, namespaces, service accounts, nodes. Default false. */
  readonly controllers?: boolean | undefined;
  /** Whether kube-scheduler runs. Default false. */
  readonly scheduler?: boolean | undefined;
  /** Whether every request is written to `auditLog`. Default false. */
  readonly audit?: boolean | undefined;
}

/** Somebody by name, as RBAC rules name people. */
export interface User {
  readonly user: string;
  readonly groups?: readonly string[];
}

/** The network of a control plane that is not beside this process. */
export interface ControlPlaneNetwork {
  /** A command line that runs a program in it. */
  readonly through: readonly string[];
  /** The control plane's address for nodes. */
  readonly address: string;
  /** Makes a port of 127.0.0.1 in it reachable from here; gives the port of 127.0.0.1 here. */
  reach(port: number): Promise<number>;
}

/** An API server with its etcd on 127.0.0.1, with the controllers asked for, and an administrator's access to it. */
export interface ControlPlane extends AsyncDisposable {
  /** `https://127.0.0.1:<port>`; stays over restarts. */
  readonly server: string;
  /** Path of the administrator's kubeconfig, which needs no other file. */
  readonly kubeconfig: string;
  /** Path of the certificate of the cluster's authority. */
  readonly caFile: string;
  /** Requests as the administrator. */
  readonly client: Client;
  /** Where logs, keys and data are; removed at the end. */
  readonly folder: string;
  /** Audit events (`audit.k8s.io/v1`), one a line; null where they were not asked for. */
  readonly auditLog: string | null;
  /** Process ids by program. */
  readonly pids: Readonly<Record<string, number>>;
  /** Runs kubectl as the administrator and gives its output; `input` is its standard input. Throws `CommandFailed`. */
  kubectl(args: readonly string[], input?: string): Promise<string>;
  /** Applies a folder of manifests or objects; waits until what they define can be used. */
  applyCrds(crds: string | readonly unknown[]): Promise<void>;
  /** A user by client certificate. */
  user(user: User): Promise<Identity>;
  /** A service account, which is made if absent, by a token that the API server issued. */
  serviceAccount(namespace: string, name: string, options?: { readonly seconds?: number }): Promise<Identity>;
  /** Kills the API server as a crash would. Requests are refused until {@link startApiServer}. */
  killApiServer(): Promise<void>;
  /** Starts it again on the same port; resolves when it is ready. */
  startApiServer(): Promise<void>;
  /** Both. */
  restartApiServer(): Promise<void>;
  /** Kills the controllers and starts them again. */
  restartControllers(): Promise<void>;
  stop(): Promise<void>;
}

/** A control plane in a network with nodes, and what is needed to add parts to it. */
export interface PlaneInNetwork extends ControlPlane {
  readonly authority: Authority;
  /** URL of the API server in that network. */
  readonly innerServer: string;
}

/**
 * Starts a control plane in 3 to 5 s. Several run beside one another; none outlives this process, and its folder goes
 * with it. Throws `ProgramMissing` where there are no programs and none can be built.
 */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  await sweepFolders();
  const folder = await makeRigFolder(await ownName());
  const remove = () => rm(folder, { recursive: true, force: true });
  return startControlPlaneIn({ folder, remove }, options);
}

/** Where a control plane is, and how its folder is removed after it has ended. */
export interface Place {
  readonly folder: string;
  readonly remove?: () => Promise<void>;
  readonly network?: ControlPlaneNetwork;
}

/** Starts a control plane whose folder and network somebody else has made. */
export async function startControlPlaneIn(
  { folder, remove, network }: Place,
  options: ControlPlaneOptions,
): Promise<PlaneInNetwork> {
  await using undo = new AsyncDisposableStack();
  if (remove) undo.defer(remove);
  const programs = await findPrograms(['kubectl']);
  const authority = await createAuthority(join(folder, 'pki'));
  const port = await freePort();
  const server = `https://127.0.0.1:${network ? await network.reach(port) : port}`;
  const innerServer = `https://${network?.address ?? '127.0.0.1'}:${port}`;
  const identities = createIdentities(folder, server, authority.pem);
  const user = async ({ user, groups = [] }: User) =>
    identities.certified(await authority.issue({ name: randomUUID(), commonName: user, organizations: groups }));
  const admin = undo.use(await user({ user: 'admin', groups: ['system:masters'] }));
  const answers = async (path: string) => {
    const answer = await admin.client.send('GET', path).catch(() => null);
    return answer?.status === 200;
  };
  const auditLog = options.audit ? join(folder, 'audit.jsonl') : null;
  const api = undo.use(
    await startApiServer({
      folder,
      authority,
      port,
      address: network?.address,
      through: network?.through,
      serviceAccounts: options.controllers === true,
      auditLog: auditLog ?? undefined,
      isReady: () => answers('/readyz'),
    }),
  );
  const kubectl = (args: readonly string[], input?: string) =>
    command(programs.kubectl, args, {
      env: { KUBECONFIG: admin.kubeconfig, KUBECACHEDIR: join(folder, 'kubectl') },
      ...(input !== undefined && { input }),
    });
  const applyCrds = (crds: string | readonly unknown[]) => establish(kubectl, crds);
  if (options.crds) await applyCrds(options.crds);
  const controllers = undo.use(
    await startControllers({
      folder,
      authority,
      server: innerServer,
      tokenKey: api.tokenKey,
      through: network?.through,
      controllerManager: options.controllers === true,
      scheduler: options.scheduler === true,
    }),
  );
  await controllers.until(() => answers('/api/v1/namespaces/default/serviceaccounts/default'));
  const parts = undo.move();
  const stop = () => parts.disposeAsync();
  return {
    server,
    innerServer,
    authority,
    kubeconfig: admin.kubeconfig,
    caFile: authority.certificate,
    client: admin.client,
    folder,
    auditLog,
    get pids() {
      return { ...api.pids, ...controllers.pids };
    },
    kubectl,
    applyCrds,
    user,
    serviceAccount: async (namespace, name, { seconds = 3600 } = {}) =>
      identities.bearer(await serviceAccountToken(admin.client, namespace, name, seconds)),
    killApiServer: api.kill,
    startApiServer: api.start,
    async restartApiServer() {
      await api.kill();
      await api.start();
    },
    restartControllers: controllers.restart,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

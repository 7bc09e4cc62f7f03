import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { credsAuthenticator } from 'nats';
import { stage } from '../../images/archive.ts';
import { entrypoints } from '../../images/build.ts';
import { imageFiles } from '../../images/files.ts';
import { operatorCredentials } from '../../operator/nats/credentials.ts';
import { keySecretData } from '../../operator/nats/key-secret.ts';
import { createKeys } from '../../operator/nats/keys.ts';
import { operatorInbox } from '../../operator/nats/permissions.ts';
import type { Client } from '../../operator/runtime/client/client.ts';
import { kubeConfigConnection } from '../../operator/runtime/client/kube-config.ts';
import { connect } from '../../operator/runtime/connect.ts';
import { silentLogger } from '../../operator/runtime/logger.ts';
import { namespaces, secrets } from '../../operator/runtime/resources.ts';
import { connectStore, type StoreConnection } from '../../operator/store-connection.ts';
import { type ControlPlane, startControlPlane } from '../../test/cluster/control-plane.ts';
import { startKwok } from '../../test/cluster/kwok.ts';
import { serverWith } from '../../test/support/nats-keys.ts';
import { operatorNamespace, readInstalled, serviceAccount } from './installed.ts';
import { type OperatorProcess, startOperator } from './operator-process.ts';

/** A control plane with NATS where the operator's rights and keys are, and the operator can be started. */
export interface Site extends AsyncDisposable {
  readonly plane: ControlPlane;
  readonly client: Client;
  readonly stored: StoreConnection;
  /** Its name in subjects. */
  readonly clusterId: string;
  /** Whom the API server takes the operator for. */
  readonly username: string;
  /** Starts the operator; resolves once it leads. `changes` replace members of its configuration. */
  start(changes?: Readonly<Record<string, unknown>>): Promise<OperatorProcess>;
}

export interface SiteOptions {
  readonly audit?: boolean;
  /** Nodes that are only played, with a scheduler. */
  readonly kwokNodes?: number;
}

/** Namespace of the experiments. */
export const namespace = 'lab';

export async function makeSite({ audit, kwokNodes }: SiteOptions = {}): Promise<Site> {
  await using undo = new AsyncDisposableStack();
  const folder = undo.adopt(await mkdtemp(join(tmpdir(), 'splitlab-bench-')), (path) => rm(path, { recursive: true }));
  const tree = join(folder, 'image');
  await stage(await imageFiles('operator'), tree);
  const plane = undo.use(await startControlPlane({ crds: 'crds', audit, scheduler: kwokNodes !== undefined }));
  if (kwokNodes !== undefined) undo.use(await startKwok(plane, { nodes: kwokNodes, capacity }));
  const keys = createKeys();
  const nats = undo.use(await serverWith(keys));
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromFile(plane.kubeconfig);
  const client = undo.use(await connect({ config: kubeConfigConnection(kubeConfig) }));

  const installed = await readInstalled();
  const list = { apiVersion: 'v1', kind: 'List', items: installed.objects };
  await plane.kubectl(['apply', '--filename=-'], JSON.stringify(list));
  await client.create(namespaces, { metadata: { name: namespace } });
  const metadata = { name: 'splitlab-nats-keys', namespace: operatorNamespace };
  await client.create(secrets, { metadata, stringData: await keySecretData(keys) });
  const clusterId = (await client.get(namespaces, { name: 'kube-system' })).metadata.uid;
  const credentials = await operatorCredentials(keys, clusterId);
  const stored = undo.use(
    connectStore({
      url: nats.url,
      authenticator: credsAuthenticator(new TextEncoder().encode(credentials)),
      inboxPrefix: operatorInbox(clusterId),
      logger: silentLogger,
    }),
  );
  const { token } = undo.use(await plane.serviceAccount(operatorNamespace, serviceAccount));
  const stopped = new Map<number, OperatorProcess>();
  undo.defer(async () => {
    for (const operator of stopped.values()) await operator.stop();
  });
  const config = { ...installed.config, nats: { keysSecret: metadata.name, url: nats.url } };
  const parts = undo.move();
  return {
    plane,
    client,
    stored,
    clusterId,
    username: `system:serviceaccount:${operatorNamespace}:${serviceAccount}`,
    async start(changes) {
      const operator = await startOperator({
        tree,
        folder,
        command: entrypoints.operator,
        config: { ...config, ...changes },
        server: new URL(plane.server),
        token: token ?? '',
        caFile: plane.caFile,
      });
      stopped.set(operator.pid, operator);
      await operator.logged('there is a leader');
      const stop = async () => {
        stopped.delete(operator.pid);
        await operator.stop();
      };
      return { ...operator, stop };
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

/** Room for the pods of a thousand experiments on ten nodes. */
const capacity = { cpu: '1000', memory: '4Ti', pods: '1000' };

import { connect, credsAuthenticator } from 'nats';
import { subjects } from '../../../api/subjects.ts';
import { operatorCredentials } from '../../../operator/nats/credentials.ts';
import { readKeys } from '../../../operator/nats/ensure-keys.ts';
import { operatorInbox } from '../../../operator/nats/permissions.ts';
import { namespaces } from '../../../operator/runtime/resources.ts';
import { type Archive, openArchive } from '../../../store/archive.ts';
import { StoreUnavailable } from '../../../store/errors.ts';
import { namespace } from '../../chart/rendered.ts';
import { eventually } from '../../support/deadline.ts';
import { forwardPort } from './forward.ts';
import type { View } from './view.ts';

/** The installation's store, read with the operator's own rights through a forwarded port. */
export interface ClusterArchive extends AsyncDisposable {
  readonly archive: Archive;
  readonly clusterId: string;
}

export async function openClusterArchive(kubeconfig: string, { client }: View): Promise<ClusterArchive> {
  await using undo = new AsyncDisposableStack();
  const clusterId = (await client.get(namespaces, { name: 'kube-system' })).metadata.uid;
  const keys = await readKeys(client, namespace, 'splitlab-nats-keys');
  const forward = undo.use(await forwardPort(kubeconfig, { namespace, target: 'pod/splitlab-nats-0', port: 4222 }));
  const connection = await connect({
    servers: `127.0.0.1:${forward.port}`,
    authenticator: credsAuthenticator(new TextEncoder().encode(await operatorCredentials(keys, clusterId))),
    inboxPrefix: operatorInbox(clusterId),
    reconnect: false,
  });
  undo.defer(() => connection.close());
  const archive = openArchive(connection);
  // The operator makes the streams when it has reached a NATS server that has just started.
  await eventually(20_000, 'the streams', () => hasStreams(archive, clusterId));
  const opened = undo.move();
  return { archive, clusterId, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

async function hasStreams(archive: Archive, cluster: string): Promise<true | null> {
  try {
    await archive.newest('records', subjects({ cluster, namespace: 'none', uid: 'none' }).plan);
    return true;
  } catch (error) {
    if (error instanceof StoreUnavailable) return null;
    throw error;
  }
}

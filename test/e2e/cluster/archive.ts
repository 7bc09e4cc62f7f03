import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { connect, credsAuthenticator } from 'nats';
import { subjects } from '../../../api/subjects.ts';
import { operatorCredentials } from '../../../operator/nats/credentials.ts';
import { readKeys } from '../../../operator/nats/ensure-keys.ts';
import { operatorInbox } from '../../../operator/nats/permissions.ts';
import { namespaces } from '../../../operator/runtime/resources.ts';
import { type Archive, openArchive } from '../../../store/archive.ts';
import { StoreUnavailable } from '../../../store/errors.ts';
import { namespace } from '../../chart/rendered.ts';
import { findPrograms } from '../../cluster/programs/kubernetes.ts';
import { eventually, within } from '../../support/deadline.ts';
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
  const forward = undo.use(await forwardPort(kubeconfig, 'pod/splitlab-nats-0', 4222));
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

async function forwardPort(
  kubeconfig: string,
  target: string,
  port: number,
): Promise<{ readonly port: number } & AsyncDisposable> {
  const { kubectl } = await findPrograms(['kubectl']);
  const child = spawn(kubectl, ['port-forward', '--namespace', namespace, target, `:${port}`], {
    env: { ...process.env, KUBECONFIG: kubeconfig },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const [line] = await within(20_000, `a port for ${target}`, once(createInterface({ input: child.stdout }), 'line'));
  const found = /127\.0\.0\.1:(\d+)/.exec(String(line))?.[1];
  if (found === undefined) throw new Error(`kubectl port-forward ${target}: ${line}`);
  return {
    port: Number(found),
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

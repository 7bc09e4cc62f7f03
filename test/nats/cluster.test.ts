import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect, credsAuthenticator } from 'nats';
import { subjects } from '../../api/subjects.ts';
import { startNatsServer } from '../../cli/nats-server.ts';
import { credentialIssuer, operatorCredentials } from '../../operator/nats/credentials.ts';
import { createKeys } from '../../operator/nats/keys.ts';
import { operatorInbox } from '../../operator/nats/permissions.ts';
import { serverConfig } from '../../operator/nats/server-config.ts';
import { openStore } from '../../store/store.ts';
import { freePort } from '../cluster/ports.ts';
import { eventually } from '../support/deadline.ts';

const scope = { cluster: 'c', namespace: 'n', uid: 'u' };
const names = subjects(scope);

test('three servers keep every message, while one of them goes', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'splitlab-nats-cluster-'));
  context.after(() => rm(folder, { recursive: true }));
  const keys = createKeys();
  const [routes, clients] = await Promise.all([ports(), ports()]);
  await using stack = new AsyncDisposableStack();
  const servers = await Promise.all(
    clients.map(async (port, index) => {
      const home = join(folder, String(index));
      const config = await serverConfig(keys, {
        host: '127.0.0.1',
        port,
        serverName: `nats-${index}`,
        storeFolder: join(home, 'jetstream'),
        cluster: { name: 'test', port: routes[index] ?? 0, routes: routes.map((to) => `nats://127.0.0.1:${to}`) },
      });
      const settings = { ...JSON.parse(config), authorization: undefined };
      return stack.use(await startNatsServer({ folder: home, users: [], port, settings }));
    }),
  );
  const open = async (credentials: string, inboxPrefix: string, at: readonly number[]) => {
    const connection = await connect({
      servers: at.map((index) => servers[index]?.url ?? ''),
      authenticator: credsAuthenticator(new TextEncoder().encode(credentials)),
      inboxPrefix,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 50,
    });
    stack.defer(() => connection.close());
    return openStore(connection, { patienceMs: 30_000 });
  };
  const operator = await open(await operatorCredentials(keys, 'c'), operatorInbox('c'), [1, 2]);
  // Until the servers have found one another there is nobody to make a stream of three.
  await eventually(30_000, 'the streams', () =>
    operator.ensureStreams({ replicas: 3 }).then(
      () => true,
      () => null,
    ),
  );
  const worker = await open(await credentialIssuer(keys).issue(scope), names.inbox, [0, 1]);
  await worker.create(names.plan, { total: 3 });
  await worker.create(names.record('v-0', 0), { value: 0 });
  await servers[0]?.stop();
  await worker.create(names.plan, { total: 3 });
  await worker.create(names.record('v-0', 1), { value: 1 });
  assert.deepEqual(
    (await operator.read('records', names.all)).map(({ value }) => value),
    [{ total: 3 }, { value: 0 }, { value: 1 }],
  );
});

function ports(): Promise<number[]> {
  return Promise.all([freePort(), freePort(), freePort()]);
}

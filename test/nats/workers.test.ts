import assert from 'node:assert/strict';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { subjects } from '../../api/subjects.ts';
import { credentialIssuer, operatorCredentials } from '../../operator/nats/credentials.ts';
import { createKeys } from '../../operator/nats/keys.ts';
import { operatorInbox } from '../../operator/nats/permissions.ts';
import { openStore } from '../../store/store.ts';
import { request, serve } from '../../worker/control.ts';
import { openConnection } from '../../worker/transport/connection.ts';
import { openExchange } from '../../worker/transport/exchange.ts';
import { serveExchange } from '../../worker/transport/serve.ts';
import { within } from '../support/deadline.ts';
import { connectWith, serverWith } from '../support/nats-keys.ts';

const scope = { cluster: 'c', namespace: 'n', uid: 'u' };
const names = subjects(scope);
const now = () => performance.now();

test('the workers’ own connections do all their work with an experiment’s credentials, and take renewed ones', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'splitlab-credentials-'));
  context.after(() => rm(folder, { recursive: true }));
  const keys = createKeys();
  await using server = await serverWith(keys);
  const operator = await connectWith(server, await operatorCredentials(keys, 'c'), operatorInbox('c'));
  context.after(() => operator.close());
  await openStore(operator).ensureStreams();
  const credentialsFile = join(folder, 'nats.creds');
  await writeFile(credentialsFile, await credentialIssuer(keys, { lifetimeMs: 4_000 }).issue(scope));
  const open = (name: string) =>
    openConnection({ url: server.url, credentialsFile, name, inboxPrefix: names.inbox, retryDelayMs: 20 });
  await using local = await open('local');
  await using remote = await open('remote');

  serve(remote.client, names.remote(0, 'clock'), z.object({}), () => ({ ms: 1 }));
  await remote.client.flush();
  const clock = request(local, names.remote(0, 'clock'), {}, z.object({ ms: z.number() }), { timeoutMs: 5_000 });
  assert.deepEqual(await clock, { ms: 1 });

  const [up, down] = [names.up(0), names.down(0)];
  await using _served = await serveExchange({
    connection: remote,
    up,
    down,
    now,
    handler: async ({ tensors, meta }) => ({ tensors, meta }),
  });
  await using exchange = await openExchange({ connection: local, up, down, now });
  const tensor = { name: 'x', type: 'float32', shape: [1, 50_000], data: new Uint8Array(200_000).fill(7) } as const;
  const exchanged = async () => {
    const { reply } = await exchange.request({
      tensors: [tensor],
      codec: { type: 'Float32', compression: 'None' },
      transfer: 'Sequential',
      meta: {},
      timeoutMs: 10_000,
      resend: false,
    });
    return reply[0]?.data.length;
  };
  assert.equal(await exchanged(), 200_000);

  // The kubelet renames a new file into place; the server ends connections whose credentials are over.
  await writeFile(`${credentialsFile}.new`, await credentialIssuer(keys).issue(scope));
  await rename(`${credentialsFile}.new`, credentialsFile);
  const ended = [local, remote].map((connection) => new Promise((resolve) => connection.onInterruption(resolve)));
  await within(20_000, 'the end of both connections', Promise.all(ended));
  await Promise.all([local.ready(AbortSignal.timeout(10_000)), remote.ready(AbortSignal.timeout(10_000))]);
  assert.equal(await exchanged(), 200_000);
  await openStore(local.client, { patienceMs: 5_000 }).create(names.plan, { total: 1 });
});

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect, credsAuthenticator } from 'nats';
import { z } from 'zod';
import { natsLimits } from '../../api/nats-limits.ts';
import { guard } from '../../cli/nats-server/guard.ts';
import { findNatsServer } from '../../cli/nats-server.ts';
import { operatorCredentials } from '../../operator/nats/credentials.ts';
import { keySecretData } from '../../operator/nats/key-secret.ts';
import { createKeys } from '../../operator/nats/keys.ts';
import { operatorInbox } from '../../operator/nats/permissions.ts';
import { openStore } from '../../store/store.ts';
import { eventually } from '../support/deadline.ts';
import { withHelm } from './helm.ts';
import { render } from './rendered.ts';

const { skip } = await withHelm();
const portsSchema = z.object({ nats: z.array(z.string()), monitoring: z.array(z.string()) });
const varzSchema = z.object({
  max_payload: z.number(),
  max_pending: z.number(),
  write_deadline: z.number(),
  ping_interval: z.number(),
  jetstream: z.object({ config: z.object({ max_storage: z.number() }) }),
});

test('the bundled server runs on the chart’s configuration and the Secret’s, with the limits of the local run', {
  skip,
}, async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'splitlab-chart-nats-'));
  const map = (await render()).find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'splitlab-nats');
  const keys = createKeys();
  const files = {
    ...z.record(z.string(), z.string()).parse(map?.data),
    'auth.conf': (await keySecretData(keys))['auth.conf'] ?? '',
  };
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(folder, name), text.replace('store_dir: /data,', `store_dir: ${folder},`));
  }
  const ports = join(folder, 'ports');
  await mkdir(ports);
  // What a flag says wins over the file.
  const here = '--addr 127.0.0.1 --port -1 --http_port -1'.split(' ');
  const args = ['--config', join(folder, 'nats-server.conf'), ...here, '--ports_file_dir', ports];
  const command = await guard(await findNatsServer(), args, process.pid);
  const server = spawn(command.file, command.arguments, {
    stdio: [command.needsPipe ? 'pipe' : 'ignore', 'ignore', 'ignore'],
  });
  const exited = once(server, 'exit');
  context.after(async () => {
    server.kill('SIGTERM');
    await exited;
    await rm(folder, { recursive: true });
  });
  const { nats, monitoring } = await eventually(20_000, 'the server', async () => {
    const [file] = await readdir(ports);
    return file === undefined ? null : portsSchema.parse(JSON.parse(await readFile(join(ports, file), 'utf8')));
  });
  const varz = varzSchema.parse(await (await fetch(`${monitoring[0]}/varz`)).json());
  const seconds = (text: string) => Number.parseInt(text, 10) * 1e9;
  assert.deepEqual(
    { ...varz, jetstream: varz.jetstream.config.max_storage },
    {
      ...natsLimits,
      write_deadline: seconds(natsLimits.write_deadline),
      ping_interval: seconds(natsLimits.ping_interval),
      jetstream: 9 * 1024 ** 3,
    },
  );
  for (const probe of ['/healthz', '/healthz?js-enabled-only=true', '/healthz?js-server-only=true']) {
    assert.equal((await fetch(`${monitoring[0]}${probe}`)).status, 200, probe);
  }
  const authenticator = credsAuthenticator(new TextEncoder().encode(await operatorCredentials(keys, 'c')));
  const connection = await connect({ servers: nats[0] ?? '', authenticator, inboxPrefix: operatorInbox('c') });
  await openStore(connection).ensureStreams();
  await connection.close();
});

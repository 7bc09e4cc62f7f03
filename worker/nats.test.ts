import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { testNatsServer, testUser } from '../test/support/nats.ts';
import { testNatsCluster } from '../test/support/nats-cluster.ts';
import { startEmulator } from './link/emulator.ts';
import { clientOptions, serversOf } from './nats.ts';
import { openConnection } from './transport/connection.ts';

const limits = { timeout: 90_000 };
const login = { user: testUser.user, password: testUser.password };

test('addresses, login and the way through the emulator', () => {
  const config = { ...login, url: 'nats://a:4222,nats://[::1]:5222' };
  assert.deepEqual(clientOptions(config).servers, ['a:4222', '[::1]:5222']);
  const { servers, user, pass, tls, ignoreClusterUpdates } = clientOptions(config, { emulatorPort: 7000 });
  assert.deepEqual(
    [servers, user, pass, tls, ignoreClusterUpdates],
    ['127.0.0.1:7000', testUser.user, testUser.password, undefined, true],
  );
  assert.deepEqual(clientOptions({ ...login, url: 'tls://a,tls://b' }, { emulatorPort: 7 }).tls, { servername: 'a' });
  assert.throws(() => serversOf({ ...login, url: 'a' }), RangeError);
});

test('a data connection goes through the emulator alone while members of the cluster come and go', limits, async () => {
  await using cluster = await testNatsCluster();
  const { members } = cluster;
  const nats = { ...login, url: members.map(({ url }) => url).join() };
  await using control = await openConnection({ ...nats, name: 'control', retryDelayMs: 20 });
  const emulator = await startEmulator({ listen: { host: '127.0.0.1', port: 0 }, upstream: serversOf(nats) });
  await using data = await openConnection({ ...nats, emulatorPort: emulator.port, name: 'data', retryDelayMs: 20 });
  const held = async () => Promise.all(members.map((member) => member.connections('data')));
  const holder = async () => (await held()).indexOf(1);

  for (let round = 0; round < 3; round++) {
    const member = members[await holder()];
    assert.ok(member);
    const interrupted = new Promise((resolve) => data.onInterruption(resolve));
    await member.kill();
    await interrupted;
    await data.ready(AbortSignal.timeout(20_000));
    await control.ready(AbortSignal.timeout(20_000));
    // What a server holds is what the emulator carries.
    assert.equal(emulator.status().connections, 1);
    const sum = (await held()).reduce((total, number) => total + number, 0);
    assert.equal(sum, 1);
    await member.restart();
  }

  // Without the emulator there is no way, though the client has heard of every member.
  const tries = data.client.status();
  await emulator[Symbol.asyncDispose]();
  let failed = 0;
  for await (const { type } of tries) if (type === 'reconnecting' && ++failed === 10) break;
  assert.deepEqual(await held(), [0, 0, 0]);
  assert.equal(data.connected, false);
});

test('TLS is checked against the name of the server, through the emulator too', limits, async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'splitlab-tls-'));
  context.after(() => rm(folder, { recursive: true }));
  const file = (name: string) => join(folder, name);
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', file('key.pem')];
  await promisify(execFile)('openssl', ['req', '-x509', ...key, '-out', file('cert.pem'), '-days', '2', ...subject]);
  await using server = await testNatsServer([testUser], {
    tls: { cert_file: file('cert.pem'), key_file: file('key.pem') },
  });
  const url = (host: string) => `tls://${host}:${server.port}`;
  const upstream = [{ host: 'localhost', port: server.port }];
  await using emulator = await startEmulator({ listen: { host: '127.0.0.1', port: 0 }, upstream });
  const script = `
    import { openConnection } from ${JSON.stringify(import.meta.resolve('./transport/connection.ts'))};
    const [, url, port, patienceMs = 20_000] = process.argv;
    const way = { url, ...${JSON.stringify(login)}, ...(port && { emulatorPort: Number(port) }) };
    const connection = await openConnection({ ...way, name: 'secure', signal: AbortSignal.timeout(Number(patienceMs)) });
    await connection.client.flush();
    await connection.close();`;
  // The authorities of a process are fixed when it starts.
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: file('cert.pem') };
  const connect = (...args: string[]) =>
    promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script, ...args], { env });
  await connect(url('localhost'));
  await connect(url('localhost'), `${emulator.port}`);
  // A server of another name is never spoken to, however long one waits.
  await assert.rejects(connect(url('127.0.0.1'), `${emulator.port}`, '1500'), /TimeoutError/);
});

test('a credentials file is read again at each connect', limits, async () => {
  await using server = await testNatsServer();
  const options = clientOptions({ url: server.url, credentialsFile: '/nowhere/nats.creds' });
  const { authenticator } = options;
  assert.ok(typeof authenticator === 'function');
  assert.throws(() => authenticator('nonce'), /nowhere/);
});

import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { loopbackCertificate } from '../../../test/support/loopback-certificate.ts';
import { connect } from '../connect.ts';
import { pods } from '../resources.ts';
import { answerJson, answerStatus, pod } from '../testing/answers.ts';
import { TestApiServer } from '../testing/api-server.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { inClusterConnection } from './in-cluster.ts';
import { kubeConfigConnection } from './kube-config.ts';

const certificate = await loopbackCertificate();
const key = { namespace: 'default', name: 'a' };

async function folder() {
  const path = await mkdtemp(join(tmpdir(), 'splitlab-credentials-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}
const found = async () =>
  await TestApiServer.start(certificate, ({ response }) => answerJson(response, 200, pod('a', 1)));
const tokens = (server: TestApiServer) => server.exchanges.map(({ headers }) => headers.authorization);

test('in a pod the token is read again, since kubelet replaces it', async () => {
  await using place = await folder();
  await using server = await found();
  const write = async (name: string, text: string | Buffer) => await writeFile(join(place.path, name), text);
  await write('token', 'one\n');
  await write('ca.crt', certificate.ca);
  await write('namespace', 'lab\n');
  const env = { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: server.url.port };
  const config = await inClusterConnection({ folder: place.path, env });
  assert.equal(config.namespace, 'lab');
  const clock = new FakeClock();
  await using client = await connect({ config, clock });
  await client.get(pods, key);
  await write('token', 'two\n');
  await client.get(pods, key);
  await clock.advance(30_000);
  await client.get(pods, key);
  assert.deepEqual(tokens(server), ['Bearer one', 'Bearer one', 'Bearer two']);
  assert.ok(server.connections <= 2, 'the same certificates keep the connections');
});

test('outside of a pod, or without its files, what is missing is named', async () => {
  await assert.rejects(inClusterConnection({ env: {} }), { code: 'ConnectionConfig', message: /not in a pod/ });
  const env = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };
  await assert.rejects(inClusterConnection({ folder: '/nonexistent', env }), /cannot read \/nonexistent\/namespace/);
});

test('a credential plugin is asked once while its token lasts, and again when the server refuses it', async () => {
  await using place = await folder();
  await using server = await TestApiServer.start(certificate, ({ headers, response }) => {
    if (headers.authorization === 'Bearer token-1' && server.exchanges.length > 2)
      answerStatus(response, 401, 'Unauthorized');
    else answerJson(response, 200, pod('a', 1));
  });
  const plugin = join(place.path, 'plugin.mjs');
  const source = `#!${process.execPath}
    import { appendFileSync, readFileSync } from 'node:fs';
    appendFileSync(${JSON.stringify(join(place.path, 'calls'))}, '.');
    const calls = readFileSync(${JSON.stringify(join(place.path, 'calls'))}, 'utf8').length;
    console.log(JSON.stringify({ status: { token: 'token-' + calls } }));`;
  await writeFile(plugin, source);
  await chmod(plugin, 0o700);
  const kubeConfig = new KubeConfig();
  const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: plugin, interactiveMode: 'Never' };
  kubeConfig.loadFromClusterAndUser(
    { name: 'test', server: server.url.href, caData: certificate.ca.toString('base64'), skipTLSVerify: false },
    { name: 'plugin', exec },
  );
  await using client = await connect({ config: kubeConfigConnection(kubeConfig) });
  for (let i = 0; i < 4; i++) await client.get(pods, key);
  const expected = ['Bearer token-1', 'Bearer token-1', 'Bearer token-1', 'Bearer token-2', 'Bearer token-2'];
  assert.deepEqual(tokens(server), expected);
});

test('a password and an impersonated user are sent; a server without TLS is refused', async () => {
  await using server = await found();
  const kubeConfig = new KubeConfig();
  const cluster = {
    name: 'test',
    server: server.url.href,
    caData: certificate.ca.toString('base64'),
    skipTLSVerify: false,
  };
  kubeConfig.loadFromClusterAndUser(cluster, {
    name: 'u',
    username: 'jane',
    password: 'secret',
    impersonateUser: 'joe',
  });
  await using client = await connect({ config: kubeConfigConnection(kubeConfig) });
  await client.get(pods, key);
  assert.equal(server.exchanges[0]?.headers.authorization, `Basic ${Buffer.from('jane:secret').toString('base64')}`);
  assert.equal(server.exchanges[0]?.headers['impersonate-user'], 'joe');
  kubeConfig.loadFromClusterAndUser({ ...cluster, server: 'http://127.0.0.1:1' }, { name: 'u' });
  assert.throws(() => kubeConfigConnection(kubeConfig), { code: 'ConnectionConfig', message: /not encrypted/ });
});

test('a server whose certificate the authority did not sign is not talked to', async () => {
  await using server = await found();
  const other = await loopbackCertificate();
  const config = {
    ...server.config(),
    credentials: async () => ({ headers: { authorization: 'Bearer x' }, tls: { ca: other.ca } }),
  };
  await using client = await connect({ config });
  await assert.rejects(client.create(pods, pod('a', 1)), { code: 'ApiUnreachable' });
  assert.equal(server.exchanges.length, 0);
});

test('a new client certificate opens new connections; requests on the old ones end in peace', async () => {
  await using server = await TestApiServer.start(certificate, () => {});
  let { cert, key: privateKey } = certificate;
  const config = {
    ...server.config(),
    credentials: async () => ({ headers: {}, tls: { ca: certificate.ca, cert, key: privateKey } }),
  };
  const clock = new FakeClock();
  await using client = await connect({ config, clock });
  const arrival = server.next();
  const slow = client.get(pods, key, { timeoutMs: 200_000 });
  const { response } = await arrival;
  ({ cert, key: privateKey } = await loopbackCertificate());
  await clock.advance(30_000);
  server.handler = (exchange) => answerJson(exchange.response, 200, pod('a', 2));
  const read = await client.get(pods, key);
  assert.equal(read.metadata.resourceVersion, '2');
  assert.equal(server.connections, 2);
  answerJson(response, 200, pod('a', 1));
  assert.equal((await slow).metadata.resourceVersion, '1');
});

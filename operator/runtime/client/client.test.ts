import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { withControlPlane } from '../../../test/cluster/testing.ts';
import { connect } from '../connect.ts';
import { controllerOwner } from '../owner.ts';
import { configMaps, namespaces, pods, subjectAccessReviews, tokenReviews } from '../resources.ts';
import type { Client } from './client.ts';
import { AlreadyExists, Conflict, FieldConflict, Forbidden, Gone, Invalid, NotFound, Unauthorized } from './errors.ts';
import { kubeConfigConnection } from './kube-config.ts';

const { skip, plane } = await withControlPlane();
const opened: Client[] = [];
after(async () => await Promise.all(opened.map((client) => client.close())));

async function clientOf(kubeconfig: string): Promise<Client> {
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromFile(kubeconfig);
  const client = await connect({ config: kubeConfigConnection(kubeConfig) });
  opened.push(client);
  return client;
}
const admin = async (): Promise<Client> => await clientOf(plane().kubeconfig);
const configMap = (name: string, data: Record<string, string> = {}) => ({
  metadata: { name, namespace: 'default' },
  data,
});

test('an object is created, read, replaced, patched and deleted', { skip }, async () => {
  const client = await admin();
  const key = { namespace: 'default', name: 'life' };
  const created = await client.create(configMaps, configMap('life', { a: '1' }));
  assert.equal(created.kind, 'ConfigMap');
  assert.equal(typeof created.metadata.creationTimestamp, 'string');
  assert.deepEqual(await client.get(configMaps, key), created);
  const updated = await client.update(configMaps, { ...created, data: { a: '2' } });
  assert.deepEqual(updated.data, { a: '2' });
  const patched = await client.patch(configMaps, key, { data: { b: '3' } });
  assert.deepEqual(patched.data, { a: '2', b: '3' });
  const replaced = await client.patch(configMaps, key, [{ op: 'replace', path: '/data', value: {} }], { type: 'json' });
  assert.equal(replaced.data, undefined);
  await client.delete(configMaps, key);
  await assert.rejects(client.get(configMaps, key), NotFound);
});

test('each refusal is its own error and names the object', { skip }, async () => {
  const client = await admin();
  const created = await client.create(configMaps, configMap('refused'));
  await assert.rejects(client.create(configMaps, configMap('refused')), AlreadyExists);
  await client.update(configMaps, { ...created, data: { newer: 'yes' } });
  await assert.rejects(client.update(configMaps, { ...created, data: { older: 'yes' } }), (error) => {
    assert.ok(error instanceof Conflict);
    assert.match(error.message, /update configmaps default\/refused: .*the object has been modified.*409 Conflict/);
    return true;
  });
  const key = { namespace: 'default', name: 'refused' };
  await assert.rejects(client.delete(configMaps, key, { uid: 'another' }), Conflict);
  await client.delete(configMaps, key, { uid: created.metadata.uid, propagationPolicy: 'Background' });
  await assert.rejects(client.create(configMaps, configMap('Not_A_Name')), (error) => {
    assert.ok(error instanceof Invalid);
    assert.equal(error.failure.causes[0]?.field, 'metadata.name');
    return true;
  });
  await assert.rejects(client.list(configMaps, { continue: 'nonsense', limit: 1 }), { code: 'BadRequest' });
});

test('server-side apply keeps each manager to its fields', { skip }, async () => {
  const client = await admin();
  await client.apply(configMaps, configMap('applied', { a: '1' }), { fieldManager: 'one' });
  await assert.rejects(client.apply(configMaps, configMap('applied', { a: '2' }), { fieldManager: 'two' }), (error) => {
    assert.ok(error instanceof FieldConflict);
    assert.equal(error.failure.causes[0]?.field, '.data.a');
    return true;
  });
  const taken = await client.apply(configMaps, configMap('applied', { a: '2' }), { fieldManager: 'two', force: true });
  assert.deepEqual(taken.data, { a: '2' });
  const dry = await client.apply(configMaps, configMap('applied', { a: '3' }), { fieldManager: 'two', dryRun: true });
  assert.deepEqual(dry.data, { a: '3' });
  const kept = await client.get(configMaps, { namespace: 'default', name: 'applied' });
  assert.deepEqual(kept.data, { a: '2' });
});

test('a status is written only on the state that it was decided on', { skip }, async () => {
  const client = await admin();
  const spec = { containers: [{ name: 'main', image: 'none' }] };
  const seen = await client.create(pods, { metadata: { name: 'status', namespace: 'default' }, spec });
  const metadata = { name: 'status', namespace: 'default', resourceVersion: seen.metadata.resourceVersion };
  const status = { message: 'first' };
  const applied = await client.applyStatus(pods, { metadata, status }, { fieldManager: 'test', force: true });
  assert.equal(applied.status?.message, 'first');
  await assert.rejects(
    client.applyStatus(pods, { metadata, status: { message: 'second' } }, { fieldManager: 'test' }),
    Conflict,
  );
  await assert.rejects(client.updateStatus(pods, { ...seen, status: { message: 'third' } }), Conflict);
  const updated = await client.updateStatus(pods, { ...applied, status: { ...applied.status, message: 'fourth' } });
  assert.equal(updated.status?.message, 'fourth');
  await client.delete(pods, metadata, { gracePeriodSeconds: 0 });
});

test('lists come in pages, selected by labels and fields', { skip }, async () => {
  const client = await admin();
  for (let i = 0; i < 5; i++) {
    const labels = { page: 'yes', even: String(i % 2 === 0) };
    await client.create(configMaps, { metadata: { name: `page-${i}`, namespace: 'default', labels } });
  }
  const pages: string[][] = [];
  for await (const { items } of client.listAll(configMaps, { namespace: 'default', labelSelector: 'page', limit: 2 })) {
    assert.ok(items.every((item) => item.kind === 'ConfigMap' && item.apiVersion === 'v1'));
    pages.push(items.map((item) => item.metadata.name));
  }
  assert.deepEqual(pages, [['page-0', 'page-1'], ['page-2', 'page-3'], ['page-4']]);
  const even = await client.list(configMaps, { labelSelector: 'page,even=true' });
  assert.equal(even.items.length, 3);
  const one = await client.list(configMaps, { fieldSelector: 'metadata.name=page-3' });
  assert.deepEqual(
    one.items.map((item) => item.metadata.name),
    ['page-3'],
  );
});

test('an owner reference by the API is one that the garbage collector accepts', { skip }, async () => {
  const client = await admin();
  const owner = await client.create(configMaps, configMap('owner'));
  const owned = await client.create(configMaps, {
    metadata: { name: 'owned', namespace: 'default', ownerReferences: [controllerOwner(owner)] },
  });
  assert.equal(owned.metadata.ownerReferences?.[0]?.uid, owner.metadata.uid);
});

test('a watch goes on from a version, and one from before a restart of the server is told that it is gone', {
  skip,
}, async () => {
  const client = await admin();
  const { resourceVersion } = await client.list(configMaps, { namespace: 'default' });
  await client.create(configMaps, configMap('watched'));
  await client.delete(configMaps, { namespace: 'default', name: 'watched' });
  const abort = new AbortController();
  const types: string[] = [];
  const stream = client.watch(configMaps, {
    namespace: 'default',
    fieldSelector: 'metadata.name=watched',
    resourceVersion,
    timeoutSeconds: 30,
    signal: abort.signal,
  });
  for await (const event of stream) {
    types.push(event.type);
    if (event.type === 'DELETED') break;
  }
  assert.deepEqual(
    types.filter((type) => type !== 'BOOKMARK'),
    ['ADDED', 'DELETED'],
  );
  await plane().restartApiServer();
  await assert.rejects(async () => {
    const old = { resourceVersion: '1', timeoutSeconds: 30, signal: abort.signal };
    for await (const event of client.watch(configMaps, old)) assert.fail(`got ${event.type}`);
  }, Gone);
});

test('another identity: review of its token and rights, and what it may not do', { skip }, async () => {
  const client = await admin();
  using account = await plane().serviceAccount('default', 'reader');
  const reader = await clientOf(account.kubeconfig);
  await assert.rejects(reader.list(namespaces), (error) => {
    assert.ok(error instanceof Forbidden);
    assert.match(
      error.failure.message,
      /User "system:serviceaccount:default:reader" cannot list resource "namespaces"/,
    );
    return true;
  });
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromFile(account.kubeconfig);
  const token = kubeConfig.getCurrentUser()?.token ?? '';
  const review = await client.review(tokenReviews, { spec: { token } });
  assert.equal(review.status?.user?.username, 'system:serviceaccount:default:reader');
  const access = await client.review(subjectAccessReviews, {
    spec: {
      user: 'system:serviceaccount:default:reader',
      resourceAttributes: { verb: 'get', resource: 'pods', namespace: 'default' },
    },
  });
  assert.equal(access.status?.allowed, false);
});

test('a token that is refused is an error without the token', { skip }, async () => {
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromFile(plane().kubeconfig);
  const cluster = kubeConfig.getCurrentCluster();
  assert.ok(cluster);
  kubeConfig.loadFromClusterAndUser(cluster, { name: 'nobody', token: 'not-a-token' });
  const client = await connect({ config: kubeConfigConnection(kubeConfig) });
  opened.push(client);
  await assert.rejects(client.list(pods), (error) => {
    assert.ok(error instanceof Unauthorized);
    assert.doesNotMatch(JSON.stringify(error) + error.message + error.stack, /not-a-token/);
    return true;
  });
});

test('health and version are read as text', { skip }, async () => {
  const client = await admin();
  assert.equal(await client.getText('/readyz'), 'ok');
  assert.match(await client.getText('/version'), /"major": "1"/);
});

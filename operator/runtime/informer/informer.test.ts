import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { withControlPlane } from '../../../test/cluster/testing.ts';
import { within } from '../../../test/support/deadline.ts';
import { kubeConfigConnection } from '../client/kube-config.ts';
import { connect } from '../connect.ts';
import { configMaps } from '../resources.ts';
import { Informer } from './informer.ts';

const { skip, plane } = await withControlPlane();

test('the cache follows the API server through pages, changes, a kill and a restart', { skip }, async () => {
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromFile(plane().kubeconfig);
  await using client = await connect({ config: kubeConfigConnection(kubeConfig) });
  const labels = { followed: 'yes' };
  const object = (name: string, data = {}) => ({ metadata: { name, namespace: 'default', labels }, data });
  for (let i = 0; i < 25; i++) await client.create(configMaps, object(`c-${i}`));
  await client.create(configMaps, { metadata: { name: 'other', namespace: 'default' } });

  const informer = new Informer(client, configMaps, {
    namespace: 'default',
    labelSelector: 'followed=yes',
    pageSize: 10,
  });
  const waiting = new Set<() => void>();
  const look = (): void => {
    for (const check of waiting) check();
  };
  informer.addHandler({ onAdd: look, onUpdate: look, onDelete: look });
  const seen = async (what: string, condition: () => boolean): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const check = (): void => {
      if (condition()) resolve();
    };
    waiting.add(check);
    check();
    await within(60_000, what, promise);
    waiting.delete(check);
  };
  const abort = new AbortController();
  const running = informer.run(abort.signal);
  await using stopped = new AsyncDisposableStack();
  stopped.defer(async () => {
    abort.abort();
    await within(2000, 'the informer stops', running);
  });
  await informer.synced(AbortSignal.timeout(30_000));
  assert.equal(informer.list().length, 25);

  await client.update(configMaps, {
    ...(await client.get(configMaps, { namespace: 'default', name: 'c-0' })),
    data: { a: '1' },
  });
  await client.delete(configMaps, { namespace: 'default', name: 'c-1' });
  const dataOf = (name: string) => informer.get({ namespace: 'default', name })?.data;
  await seen('the update and the deletion', () => dataOf('c-0')?.a === '1' && informer.list().length === 24);
  assert.equal(informer.get({ namespace: 'default', name: 'c-0' })?.metadata.managedFields, undefined);

  await plane().killApiServer();
  await plane().startApiServer();
  await client.apply(configMaps, object('c-2', { back: 'yes' }), { fieldManager: 'test', force: true });
  await client.delete(configMaps, { namespace: 'default', name: 'c-3' });
  await client.create(configMaps, object('new', { made: 'after' }));
  await seen('the changes after the restart', () => dataOf('c-2')?.back === 'yes' && dataOf('new')?.made === 'after');
  await seen('the deletion after the restart', () => informer.list().length === 24);
  assert.ok(informer.statistics().errors >= 1);
});

import assert from 'node:assert/strict';
import { access, readdir } from 'node:fs/promises';
import { test } from 'node:test';
import { eventually } from '../support/deadline.ts';
import { isListening } from '../support/processes.ts';
import { startControlPlane } from './control-plane.ts';
import { withControlPlane } from './testing.ts';

const crd = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'widgets', singular: 'widget', kind: 'Widget' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object' } } } },
      },
    ],
  },
};

const { skip, plane } = await withControlPlane({ crds: [crd] });
test('an API server serves kinds of its own, to kubectl and to requests', { skip }, async () => {
  const widget = { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'first' } };
  await plane().kubectl(['create', '--filename=-'], JSON.stringify(widget));
  const { status } = await plane().client.send('GET', '/apis/example.com/v1/namespaces/default/widgets/first');
  assert.equal(status, 200);
});

test('users, groups and service accounts may do what roles give them', { skip }, async () => {
  const rbac = '/apis/rbac.authorization.k8s.io/v1';
  const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['list'] }];
  await plane().client.send('POST', `${rbac}/clusterroles`, { metadata: { name: 'reader' }, rules });
  await plane().client.send('POST', `${rbac}/clusterrolebindings`, {
    metadata: { name: 'readers' },
    roleRef: { kind: 'ClusterRole', name: 'reader' },
    subjects: [
      { kind: 'Group', name: 'readers' },
      { kind: 'ServiceAccount', name: 'reader', namespace: 'default' },
    ],
  });
  using member = await plane().user({ user: 'someone', groups: ['readers'] });
  using account = await plane().serviceAccount('default', 'reader');
  using stranger = await plane().user({ user: 'stranger' });
  const path = '/api/v1/namespaces/default/configmaps';
  const statuses = async (method: string, body?: unknown) => {
    const answers = [member, account, stranger].map(({ client }) => client.send(method, path, body));
    return (await Promise.all(answers)).map(({ status }) => status).join(' ');
  };
  // The API server hears of new roles by a watch.
  await eventually(5_000, 'the role', async () => ((await statuses('GET')) === '200 200 403' ? true : null));
  assert.equal(await statuses('POST', { metadata: { name: 'mine' } }), '403 403 403');
});

test('a namespace that demands restricted pods refuses others', { skip }, async () => {
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  await plane().client.send('POST', '/api/v1/namespaces', { metadata: { name: 'strict', labels } });
  const pod = { metadata: { name: 'lax' }, spec: { containers: [{ name: 'one', image: 'none' }] } };
  const inStrict = await plane().client.send('POST', '/api/v1/namespaces/strict/pods', pod);
  assert.equal(inStrict.status, 403);
  assert.match(JSON.stringify(inStrict.body), /violates PodSecurity/);
  assert.equal((await plane().client.send('POST', '/api/v1/namespaces/default/pods', pod)).status, 201);
});

test('objects stay when the API server is restarted at the same place', { skip }, async () => {
  await plane().client.send('POST', '/api/v1/namespaces/default/configmaps', { metadata: { name: 'kept' } });
  const before = plane().pids;
  await plane().restartApiServer();
  assert.notEqual(plane().pids['kube-apiserver'], before['kube-apiserver']);
  assert.equal((await plane().client.send('GET', '/api/v1/namespaces/default/configmaps/kept')).status, 200);
});

test('a second control plane with controllers disturbs nobody and leaves nothing', { skip }, async () => {
  const second = await startControlPlane({ crds: [crd], controllers: true, scheduler: true });
  const { pids, folder, server } = second;
  try {
    assert.deepEqual(Object.keys(pids).sort(), ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler']);
    await second.kubectl(['create', 'namespace', 'short']);
    await second.kubectl(['delete', 'namespace', 'short', '--timeout=20s']);
    await second.restartControllers();
  } finally {
    await second.stop();
  }
  const running = await readdir('/proc');
  assert.deepEqual(
    Object.values(pids).filter((pid) => running.includes(`${pid}`)),
    [],
  );
  assert.equal(await isListening(Number(new URL(server).port)), false);
  await assert.rejects(access(folder));
  assert.equal((await plane().client.send('GET', '/readyz')).status, 200);
});

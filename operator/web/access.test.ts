import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KubeConfig } from '@kubernetes/client-node';
import { z } from 'zod';
import { experimentPath, experimentsPath, resultsAudience } from '../../api/results/paths.ts';
import { withControlPlane } from '../../test/cluster/testing.ts';
import { eventually } from '../../test/support/deadline.ts';
import { testNatsServer } from '../../test/support/nats.ts';
import { kubeConfigConnection } from '../runtime/client/kube-config.ts';
import { connect } from '../runtime/connect.ts';
import { silentLogger } from '../runtime/logger.ts';
import { startResultsApi } from './serve.ts';
import { experimentObject, HandmadeCache } from './testing/cache.ts';
import { cluster, openStored } from './testing/lab.ts';

const { skip, plane } = await withControlPlane();
const admin = async (path: string, body: unknown) => {
  const { status, body: answer } = await plane().client.send('POST', path, body);
  assert.ok(status === 201 || status === 409, JSON.stringify(answer));
  return answer;
};

/** Makes a service account and lets it do `verbs` on experiments of `default`, on those of these names alone. */
async function account(name: string, verbs: readonly string[], resourceNames?: readonly string[]): Promise<void> {
  const [group, version] = ['rbac.authorization.k8s.io', 'rbac.authorization.k8s.io/v1'];
  const rule = { apiGroups: ['splitlab.dev'], resources: ['splitexperiments'], verbs, resourceNames };
  await admin('/api/v1/namespaces/default/serviceaccounts', { metadata: { name } });
  await admin(`/apis/${version}/namespaces/default/roles`, { metadata: { name }, rules: verbs.length ? [rule] : [] });
  await admin(`/apis/${version}/namespaces/default/rolebindings`, {
    metadata: { name },
    roleRef: { apiGroup: group, kind: 'Role', name },
    subjects: [{ kind: 'ServiceAccount', name, namespace: 'default' }],
  });
}

async function token(name: string, audiences?: readonly string[]): Promise<string> {
  const path = `/api/v1/namespaces/default/serviceaccounts/${name}/token`;
  const answer = await admin(path, { spec: { expirationSeconds: 600, audiences } });
  return z.object({ status: z.object({ token: z.string() }) }).parse(answer).status.token;
}

test('who has no token or no right gets no data', { skip, timeout: 120_000 }, async () => {
  await using nats = await testNatsServer();
  await using stored = await openStored(nats.connection);
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromFile(plane().kubeconfig);
  const connection = kubeConfigConnection(kubeConfig);
  await using client = await connect({ config: connection });
  const stop = new AbortController();
  const experiments = new HandmadeCache();
  experiments.put(experimentObject({ name: 'mine', uid: 'u1' }));
  experiments.put(experimentObject({ name: 'other', uid: 'u2' }));
  const config = { port: 0, host: '127.0.0.1' };
  const options = { ...stored, client, experiments, clusterId: cluster, config, logger: silentLogger };
  const api = await startResultsApi({ ...options, signal: stop.signal });
  const get = async (path: string, headers: Record<string, string>) => {
    const response = await fetch(`http://127.0.0.1:${api.port}${path}`, { headers });
    const body: unknown = await response.json();
    return { status: response.status, headers: response.headers, body };
  };
  const bearer = (value: string) => ({ authorization: `Bearer ${value}` });
  try {
    await account('reader', ['get'], ['mine']);
    await account('lister', ['list', 'get']);
    await account('nobody', []);
    const mine = experimentPath('default', 'mine');

    const bare = await get(mine, {});
    assert.equal(bare.status, 401);
    assert.match(bare.headers.get('www-authenticate') ?? '', /^Bearer/);
    assert.equal(bare.headers.get('x-content-type-options'), 'nosniff');
    assert.equal(bare.headers.get('cache-control'), 'no-store');
    assert.deepEqual(bare.body, {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'send a token of the cluster: Authorization: Bearer TOKEN',
      reason: 'Unauthorized',
      code: 401,
    });
    for (const wrong of ['nonsense', 'a.b.c', await token('reader', ['somebody-else'])]) {
      assert.equal((await get(mine, bearer(wrong))).status, 401, wrong);
    }
    const refused = await get(mine, bearer(await token('nobody')));
    assert.equal(refused.status, 403);
    assert.match(JSON.stringify(refused.body), /system:serviceaccount:default:nobody.* cannot get/);

    const reader = await token('reader');
    await eventually(10_000, 'the reader may read', async () =>
      (await get(mine, bearer(await token('reader')))).status === 200 ? true : null,
    );
    assert.equal((await get(mine, { 'x-splitlab-authorization': `Bearer ${reader}` })).status, 200);
    assert.equal(
      (await get(mine, bearer(await token('reader', [resultsAudience])))).status,
      200,
      'a token for this API',
    );
    assert.equal((await get(experimentPath('default', 'other'), bearer(reader))).status, 403);
    // What is not there is not told to those who may not know.
    assert.equal((await get(experimentPath('default', 'missing'), bearer(reader))).status, 403);
    assert.equal((await get(experimentsPath('default'), bearer(reader))).status, 403);

    const lister = await token('lister');
    await eventually(10_000, 'the lister may list', async () =>
      (await get(experimentsPath('default'), bearer(await token('lister')))).status === 200 ? true : null,
    );
    const list = await get(experimentsPath('default'), bearer(lister));
    assert.match(JSON.stringify(list.body), /"name":"mine".*"name":"other"/);
    assert.equal((await get(experimentPath('default', 'missing'), bearer(lister))).status, 404);
    assert.equal((await get(experimentsPath(null), bearer(lister))).status, 403, 'all namespaces');
  } finally {
    stop.abort();
    await api.closed;
  }
});

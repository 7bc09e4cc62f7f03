import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exists } from '../../cli/programs/cached.ts';
import { startKwok } from './kwok.ts';
import { kwokFolder } from './programs/components.ts';
import { withControlPlane } from './testing.ts';

const isBuilt = await exists(kwokFolder());
const { skip, plane } = await withControlPlane({ controllers: true, scheduler: true });
const reason = skip || (isBuilt ? false : 'KWOK is not built yet: the benches build it');

test('pods are said to run on nodes that are only played', { skip: reason }, async () => {
  await using _kwok = await startKwok(plane(), { nodes: 2 });
  const template = {
    metadata: { labels: { app: 'played' } },
    spec: {
      tolerations: [{ key: 'kwok.x-k8s.io/node', operator: 'Exists' }],
      containers: [{ name: 'main', image: 'none' }],
    },
  };
  const spec = { replicas: 5, selector: { matchLabels: { app: 'played' } }, template };
  const path = '/apis/apps/v1/namespaces/default/deployments';
  assert.equal((await plane().client.send('POST', path, { metadata: { name: 'played' }, spec })).status, 201);
  await plane().kubectl(['wait', 'deployment/played', '--for=jsonpath={.status.readyReplicas}=5', '--timeout=60s']);
});

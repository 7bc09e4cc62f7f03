import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useGivenCluster } from './given.ts';
import { withControlPlane } from './testing.ts';

const { skip, plane } = await withControlPlane();

test('the cluster of a kubeconfig is used with its credentials and is left running', { skip }, async () => {
  {
    await using given = await useGivenCluster(plane().kubeconfig);
    const made = await given.client.send('POST', '/api/v1/namespaces/default/configmaps', {
      metadata: { name: 'here' },
    });
    assert.equal(made.status, 201);
    assert.match(await given.kubectl(['get', 'configmaps', '--output=name']), /configmap\/here/);
    using account = await given.serviceAccount('default', 'nobody');
    assert.equal((await account.client.send('GET', '/api/v1/namespaces/default/configmaps')).status, 403);
  }
  assert.equal((await plane().client.send('GET', '/api/v1/namespaces/default/configmaps/here')).status, 200);
});

import assert from 'node:assert/strict';
import { fitting, restricted } from '../manifest.ts';
import { clusterTest } from '../scene.ts';

export function refusalCases(): void {
  clusterTest('a layer that does not exist', async (scene) => {
    await scene.apply('typo', { cuts: { selection: 'Named', layers: ['conv9'] } });
    const message = await scene.untilReason('typo', 'Succeeded', 'ModelInvalid');
    assert.match(message, /^spec\.cuts\.layers: The model has no layer "conv9"\. The nearest names are: conv1, conv2/);
    assert.equal(scene.status('typo').lanes?.[0]?.podAttempt, 0, 'no worker was replaced');
    await scene.until('its pods go', () => scene.pods('typo').length === 0);
  });

  clusterTest('a quota without room', async (scene) => {
    await scene.kubectl('create', 'quota', 'none', '--hard=pods=1');
    await scene.eventually('the quota', async () =>
      (await scene.kubectl('get', 'quota', 'none', '--output=jsonpath={.status.hard.pods}')) === '1' ? true : null,
    );
    await scene.apply('crowded');
    const message = await scene.untilReason('crowded', 'WorkersReady', 'QuotaExceeded');
    assert.match(message, /exceeded quota: none, requested: pods=1, used: pods=1, limited: pods=1/);
    await scene.kubectl('delete', 'quota', 'none');
    await scene.untilReason('crowded', 'Succeeded', 'Completed');
  });

  clusterTest('a policy that takes no pods', async (scene) => {
    const name = scene.namespace;
    const apiVersion = 'admissionregistration.k8s.io/v1';
    const matchResources = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } };
    const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] };
    const validations = [{ expression: "'cost-centre' in object.metadata.labels", message: 'name a cost centre' }];
    const spec = { matchConstraints: { resourceRules: [rule] }, validations };
    const binding = { policyName: name, validationActions: ['Deny'], matchResources };
    const items = [
      { apiVersion, kind: 'ValidatingAdmissionPolicy', metadata: { name }, spec },
      { apiVersion, kind: 'ValidatingAdmissionPolicyBinding', metadata: { name }, spec: binding },
    ];
    await scene.create(...items);
    const container = { name: 'probe', image: 'none', securityContext: restricted };
    const probe = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'probe' }, spec: { containers: [container] } };
    await scene.eventually('the policy', async () => {
      const path = `/api/v1/namespaces/${name}/pods?dryRun=All`;
      return (await scene.cluster.client.send('POST', path, probe)).status === 422 ? true : null;
    });
    await scene.apply('denied');
    assert.match(await scene.untilReason('denied', 'WorkersReady', 'AdmissionDenied'), /name a cost centre/);
    const labels = { labels: { 'cost-centre': 'lab' } };
    const { local, remote } = fitting;
    const template = { ...local.template, metadata: labels };
    await scene.apply('allowed', {
      local: { ...local, template },
      remote: { ...remote, template: { metadata: labels } },
    });
    await scene.untilReason('allowed', 'Succeeded', 'Completed');
  });
}

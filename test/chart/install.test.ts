import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { z } from 'zod';
import { withControlPlane } from '../cluster/testing.ts';
import { eventually } from '../support/deadline.ts';
import { withHelm } from './helm.ts';
import { namespace, type Rendered, render } from './rendered.ts';

const { skip: noHelm } = await withHelm();
const { skip: noPlane, plane } = await withControlPlane({ controllers: true });
const skip = noHelm || noPlane;
const manifest = join(import.meta.dirname, '../../manifests/install.yaml');
/** Where nothing is installed that an object could be an update of. */
const variantsIn = 'variants';
const operator = `system:serviceaccount:${namespace}:splitlab-operator`;

describe('on a real API server', { skip }, () => {
  before(async () => {
    const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
    await send('POST', '/api/v1/namespaces', { metadata: { name: variantsIn, labels } });
    await plane().kubectl(['apply', '--server-side', `--filename=${manifest}`]);
    await plane().kubectl([
      'wait',
      '--for=condition=Established',
      '--timeout=20s',
      'crd/splitexperiments.splitlab.dev',
    ]);
  });

  test('the install manifest can be applied again, by the server and by the client', async () => {
    const again = await plane().kubectl(['apply', '--server-side', `--filename=${manifest}`]);
    assert.match(again, /deployment\.apps\/splitlab-operator serverside-applied/);
    await plane().kubectl(['apply', '--dry-run=server', '--validate=strict', `--filename=${manifest}`]);
  });

  const variants = {
    defaults: '',
    'network policies, TLS, one replica': 'networkPolicy.enabled=true,resultsApi.tlsSecret=tls,operator.replicas=1',
    'a NATS of one’s own': 'nats.bundled.enabled=false,nats.url=nats://n:4222',
    'shared credentials': 'nats.bundled.enabled=false,nats.url=nats://n:4222,nats.credentialsSecret=creds',
    placement:
      'operator.nodeSelector.disk=ssd,operator.priorityClassName=system-cluster-critical,operator.tolerations[0].key=a,operator.tolerations[0].operator=Exists,nats.bundled.nodeSelector.disk=ssd,images.pullSecrets[0].name=pull',
    spread:
      'operator.topologySpreadConstraints[0].maxSkew=1,operator.topologySpreadConstraints[0].topologyKey=zone,operator.topologySpreadConstraints[0].whenUnsatisfiable=DoNotSchedule,operator.topologySpreadConstraints[0].labelSelector.matchLabels.a=b',
  };
  for (const [name, values] of Object.entries(variants)) {
    test(`all objects are taken without a warning: ${name}`, async () => {
      await dryRun(await render('--namespace', variantsIn, ...(values === '' ? [] : ['--set', values])));
    });
  }

  test('the pods pass the restricted pod security of the namespace', async () => {
    for (const object of await render('--set', 'nats.bundled.persistence.enabled=false')) {
      if (!['Deployment', 'StatefulSet'].includes(object.kind)) continue;
      const { template } = z.object({ template: z.looseObject({ metadata: z.looseObject({}) }) }).parse(object.spec);
      const metadata = { ...template.metadata, name: `one-${object.metadata.name}`, namespace };
      const pod = { ...template, apiVersion: 'v1', kind: 'Pod', metadata };
      await dryRun([pod]);
      const loose = structuredClone(pod) as typeof pod & { spec: { hostNetwork: boolean } };
      loose.spec.hostNetwork = true;
      await assert.rejects(dryRun([loose]), /violates PodSecurity \\?"restricted/, 'the level is enforced here');
    }
  });

  describe('the operator', () => {
    const may = [
      ['list', 'splitlab.dev', 'splitexperiments', {}],
      ['watch', 'splitlab.dev', 'splitexperiments', {}],
      ['delete', 'splitlab.dev', 'splitexperiments', { namespace: 'team' }],
      ['patch', 'splitlab.dev', 'splitexperiments', { namespace: 'team', subresource: 'status' }],
      ['update', 'splitlab.dev', 'splitexperiments', { namespace: 'team', subresource: 'status' }],
      ['list', '', 'pods', {}],
      ['create', '', 'pods', { namespace: 'team' }],
      ['delete', '', 'pods', { namespace: 'team' }],
      ['get', '', 'secrets', { namespace: 'team', name: 'exp-worker' }],
      ['create', '', 'secrets', { namespace: 'team' }],
      ['patch', '', 'secrets', { namespace: 'team' }],
      ['create', '', 'events', { namespace: 'team' }],
      ['get', '', 'namespaces', { name: 'kube-system' }],
      ['create', 'authentication.k8s.io', 'tokenreviews', {}],
      ['create', 'authorization.k8s.io', 'subjectaccessreviews', {}],
      ['create', 'coordination.k8s.io', 'leases', { namespace }],
      ['update', 'coordination.k8s.io', 'leases', { namespace, name: 'splitlab-operator' }],
    ] as const;
    const mayNot = [
      ['list', '', 'secrets', {}],
      ['list', '', 'secrets', { namespace }],
      ['watch', '', 'secrets', {}],
      ['delete', '', 'secrets', { namespace: 'team' }],
      ['update', '', 'secrets', { namespace: 'team' }],
      ['create', '', 'pods', { namespace: 'team', subresource: 'exec' }],
      ['create', '', 'pods', { namespace: 'team', subresource: 'attach' }],
      ['create', '', 'pods', { namespace: 'team', subresource: 'portforward' }],
      ['get', '', 'pods', { namespace: 'team', subresource: 'log' }],
      ['patch', '', 'pods', { namespace: 'team', subresource: 'ephemeralcontainers' }],
      ['patch', '', 'pods', { namespace: 'team' }],
      ['deletecollection', '', 'pods', { namespace: 'team' }],
      ['create', 'splitlab.dev', 'splitexperiments', { namespace: 'team' }],
      ['update', 'splitlab.dev', 'splitexperiments', { namespace: 'team' }],
      ['list', '', 'configmaps', {}],
      ['list', '', 'nodes', {}],
      ['get', '', 'namespaces', { name: 'team' }],
      ['list', '', 'namespaces', {}],
      ['create', 'apps', 'deployments', { namespace }],
      ['create', '', 'serviceaccounts', { namespace, subresource: 'token' }],
      ['impersonate', '', 'users', {}],
      ['update', 'coordination.k8s.io', 'leases', { namespace, name: 'another' }],
      ['update', 'coordination.k8s.io', 'leases', { namespace: 'kube-system', name: 'splitlab-operator' }],
      ['bind', 'rbac.authorization.k8s.io', 'clusterroles', {}],
      ['create', 'rbac.authorization.k8s.io', 'rolebindings', { namespace }],
      ['update', 'apiextensions.k8s.io', 'customresourcedefinitions', {}],
    ] as const;
    for (const [row, allowed] of [
      ...may.map((row) => [row, true] as const),
      ...mayNot.map((row) => [row, false] as const),
    ]) {
      const [verb, group, resource, rest] = row;
      test(`${allowed ? 'may' : 'may not'} ${verb} ${resource}.${group} ${JSON.stringify(rest)}`, async () => {
        assert.equal(await reviewed(operator, { verb, group, resource, ...rest }), allowed);
      });
    }
  });

  describe('the cluster’s own roles', () => {
    const roles = { view: ['get', 'list', 'watch'], edit: ['create', 'update', 'patch', 'delete', 'deletecollection'] };
    const expected = { view: roles.view, edit: [...roles.view, ...roles.edit], admin: [...roles.view, ...roles.edit] };
    for (const [role, verbs] of Object.entries(expected)) {
      test(`${role} has its verbs over experiments, in its namespace alone, and never the status`, async () => {
        const user = `somebody-who-may-${role}`;
        const subjects = [{ kind: 'User', name: user, apiGroup: 'rbac.authorization.k8s.io' }];
        const roleRef = { kind: 'ClusterRole', name: role, apiGroup: 'rbac.authorization.k8s.io' };
        const path = '/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings';
        await send('POST', path, { metadata: { name: user }, roleRef, subjects });
        const about = { group: 'splitlab.dev', resource: 'splitexperiments', namespace: 'default' };
        await eventually(20_000, `the aggregation into ${role}`, async () =>
          (await reviewed(user, { ...about, verb: verbs.at(-1) ?? '' })) ? true : null,
        );
        for (const verb of [...roles.view, ...roles.edit]) {
          assert.equal(await reviewed(user, { ...about, verb }), verbs.includes(verb), verb);
          assert.equal(await reviewed(user, { ...about, verb, namespace: 'team' }), false, `${verb} elsewhere`);
        }
        assert.equal(await reviewed(user, { ...about, verb: 'get', subresource: 'status' }), true);
        assert.equal(await reviewed(user, { ...about, verb: 'patch', subresource: 'status' }), false);
      });
    }
  });

  test('who is bound to splitlab-results-reader reaches the results API and nothing else there', async () => {
    const subjects = [{ kind: 'User', name: 'reader', apiGroup: 'rbac.authorization.k8s.io' }];
    const roleRef = { kind: 'Role', name: 'splitlab-results-reader', apiGroup: 'rbac.authorization.k8s.io' };
    const path = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/rolebindings`;
    await send('POST', path, { metadata: { name: 'reader' }, roleRef, subjects });
    const proxy = { verb: 'get', group: '', resource: 'services', subresource: 'proxy', namespace };
    await eventually(10_000, 'the binding', async () =>
      (await reviewed('reader', { ...proxy, name: 'splitlab-results:results' })) ? true : null,
    );
    assert.equal(await reviewed('reader', { ...proxy, name: 'splitlab-nats:client' }), false);
    assert.equal(await reviewed('reader', { ...proxy, verb: 'create', name: 'splitlab-results:results' }), false);
    assert.equal(await reviewed('reader', { verb: 'get', group: '', resource: 'secrets', namespace }), false);
    assert.equal(
      await reviewed('reader', { verb: 'create', group: '', resource: 'pods', subresource: 'exec', namespace }),
      false,
    );
  });
});

async function send(method: string, path: string, body: unknown): Promise<unknown> {
  const answer = await plane().client.send(method, path, body);
  if (answer.status >= 300) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
}

/** Has the server check objects as it would if it kept them; throws where it refuses or warns. */
async function dryRun(items: readonly (Rendered | { kind: string })[]): Promise<void> {
  const flags = [
    'apply',
    '--server-side',
    '--force-conflicts',
    '--dry-run=server',
    '--warnings-as-errors',
    '--filename=-',
  ];
  await plane().kubectl(flags, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
}

async function reviewed(user: string, resourceAttributes: Readonly<Record<string, string>>): Promise<boolean> {
  const spec = { user, groups: ['system:authenticated'], resourceAttributes };
  const answer = await send('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', { spec });
  return z.object({ status: z.object({ allowed: z.boolean() }) }).parse(answer).status.allowed;
}

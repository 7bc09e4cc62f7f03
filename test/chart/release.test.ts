import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withControlPlane } from '../cluster/testing.ts';
import { withHelm } from './helm.ts';
import { chart, namespace } from './rendered.ts';

const { skip: noHelm, helm } = await withHelm();
const { skip: noPlane, plane } = await withControlPlane();

test('a release is installed, upgraded, alone in its cluster, and gone but for definition and experiments', {
  skip: noHelm || noPlane,
}, async () => {
  const release = (verb: string, name: string, ...args: string[]) =>
    helm(verb, name, ...args, '--namespace', namespace, '--kubeconfig', plane().kubeconfig);
  const get = async (...args: string[]) =>
    (await plane().kubectl(['get', '--output=name', ...args])).trim().split('\n');
  const inNamespace = `--namespace=${namespace}`;

  const said = await release('install', 'splitlab', chart, '--create-namespace');
  assert.match(said, /rollout status deployment\/splitlab-operator/);
  assert.match(said, /The keys of NATS are in the Secret splitlab-nats-keys/);
  await assert.rejects(release('install', 'another', chart), /exists and cannot be imported into the current release/);

  await plane().kubectl(['wait', '--for=condition=Established', '--timeout=20s', 'crd/splitexperiments.splitlab.dev']);
  const experiment = { apiVersion: 'splitlab.dev/v1alpha1', kind: 'SplitExperiment', metadata: { name: 'kept' } };
  await plane().kubectl(
    ['apply', '--filename=-'],
    JSON.stringify({ ...experiment, spec: { model: { zoo: 'DigitsCnn' } } }),
  );

  await release('upgrade', 'splitlab', chart, '--set', 'operator.concurrency=8');
  assert.match(
    await plane().kubectl(['get', 'configmap', 'splitlab-operator', inNamespace, '--output=yaml']),
    /concurrency": 8/,
  );

  await release('uninstall', 'splitlab');
  assert.deepEqual(await get('crd'), ['customresourcedefinition.apiextensions.k8s.io/splitexperiments.splitlab.dev']);
  assert.deepEqual(await get('splitx'), ['splitexperiment.splitlab.dev/kept']);
  assert.deepEqual(await get('deployments,statefulsets,services,poddisruptionbudgets,roles', inNamespace), ['']);
  const roles = await get('clusterroles,clusterrolebindings');
  assert.deepEqual(
    roles.filter((name) => name.includes('splitlab')),
    [],
  );

  await release('install', 'splitlab', chart);
});

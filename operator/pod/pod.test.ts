import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkPods } from './check.ts';
import { reservedEnvironment } from './environment.ts';
import { PodShapeInvalid } from './errors.ts';
import type { PodInput } from './input.ts';
import { desiredPod } from './pod.ts';
import { only, podInput, shapedLink } from './testing/inputs.ts';
import { qualityOfService } from './testing/quality-of-service.ts';
import { restrictedViolations } from './testing/restricted.ts';
import { largeTemplate, shapes } from './testing/shapes.ts';

const specOf = (spec: object, changes: Partial<PodInput> = {}) => {
  const pod = desiredPod(podInput(spec, changes));
  assert.ok(pod.spec);
  return pod.spec;
};
const workerOf = (spec: object, changes: Partial<PodInput> = {}) => {
  const worker = specOf(spec, changes).containers[0];
  assert.ok(worker);
  return worker;
};

for (const [what, spec] of Object.entries(shapes)) {
  for (const side of ['local', 'remote'] as const) {
    test(`the ${side} pod of ${what} is Restricted and Guaranteed`, () => {
      const pod = desiredPod(podInput(spec, { side }));
      assert.deepEqual(restrictedViolations(pod), []);
      assert.equal(qualityOfService(pod), 'Guaranteed');
    });
  }
}

test('a pod is known by its labels and goes with its experiment', () => {
  const { metadata } = desiredPod(podInput({}, { lane: 3, side: 'remote', podAttempt: 7 }));
  assert.equal(metadata?.name, 'digits-3-remote-7');
  assert.equal(metadata?.namespace, 'lab');
  assert.deepEqual(metadata?.ownerReferences, [
    {
      apiVersion: 'splitlab.dev/v1alpha1',
      kind: 'SplitExperiment',
      name: 'digits',
      uid: '5f0c7a52-6c4d-4a8e-9d3b-0d8a7e1f2b3c',
      controller: true,
      blockOwnerDeletion: false,
    },
  ]);
  assert.deepEqual(metadata?.labels, {
    'app.kubernetes.io/managed-by': 'splitlab',
    'splitlab.dev/experiment-uid': '5f0c7a52-6c4d-4a8e-9d3b-0d8a7e1f2b3c',
    'splitlab.dev/lane': '3',
    'splitlab.dev/side': 'remote',
    'splitlab.dev/pod-attempt': '7',
    'sidecar.istio.io/inject': 'false',
    'istio.io/dataplane-mode': 'none',
    'kuma.io/sidecar-injection': 'disabled',
  });
});

test('each side runs its own entry point with its place in the environment', () => {
  const worker = workerOf({}, { lane: 2, side: 'remote', podAttempt: 5 });
  assert.deepEqual(worker.args, ['worker/remote/main.js', '/etc/splitlab/config.json']);
  const values = Object.fromEntries((worker.env ?? []).map(({ name, value }) => [name, value]));
  assert.equal(values.SPLITLAB_LANE, '2');
  assert.equal(values.SPLITLAB_POD_ATTEMPT, '5');
  assert.equal(values.SPLITLAB_CACHE, '/cache');
  assert.equal(values.SPLITLAB_HEALTH_PORT, '8081');
  assert.equal(values.SPLITLAB_CONTAINER, worker.name);
  assert.deepEqual(new Set(Object.keys(values)), reservedEnvironment);
});

test('the link emulator is a sidecar of the local pod where a link is shaped', () => {
  assert.equal(specOf({}).initContainers, undefined);
  assert.equal(specOf({ links: [shapedLink] }, { side: 'remote' }).initContainers, undefined);
  const link = only(specOf({ links: [{ name: 'bare', type: 'None' }, shapedLink] }).initContainers);
  assert.equal(link.name, 'link');
  assert.equal(link.restartPolicy, 'Always');
  assert.deepEqual(link.args, ['worker/link/main.js', '/etc/splitlab/config.json']);
  assert.deepEqual(link.resources?.limits, { cpu: '1', memory: '512Mi' });
  assert.deepEqual(link.startupProbe?.httpGet, { path: '/readyz', port: 8082 });
  assert.equal(link.env?.find(({ name }) => name === 'SPLITLAB_HEALTH_PORT')?.value, '8082');
});

test('only an event loop that stands still is a failure, however long the fetch of a model takes', () => {
  const { startupProbe, livenessProbe, readinessProbe } = workerOf({});
  assert.equal(startupProbe?.httpGet?.path, '/livez');
  assert.equal(livenessProbe?.httpGet?.path, '/livez');
  assert.equal(readinessProbe?.httpGet?.path, '/readyz');
  assert.ok((livenessProbe?.periodSeconds ?? 0) * (livenessProbe?.failureThreshold ?? 0) >= 120);
});

test('sides keep apart, then lanes, beside what a template prefers', () => {
  const { affinity } = specOf({ local: { template: largeTemplate }, links: [shapedLink] }, { lane: 4 });
  const terms = affinity?.podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  assert.deepEqual(
    terms.map(({ weight, podAffinityTerm }) => [weight, podAffinityTerm.topologyKey]),
    [
      [100, 'kubernetes.io/hostname'],
      [50, 'kubernetes.io/hostname'],
      [7, 'zone'],
    ],
  );
  assert.deepEqual(
    terms.slice(0, 2).map(({ podAffinityTerm }) => podAffinityTerm.labelSelector?.matchExpressions?.[0]),
    [
      { key: 'splitlab.dev/lane', operator: 'In', values: ['4'] },
      { key: 'splitlab.dev/lane', operator: 'NotIn', values: ['4'] },
    ],
  );
  assert.ok(affinity?.nodeAffinity);
});

test('a template adds to our containers by their names and brings its own', () => {
  const spec = specOf({ local: { template: largeTemplate }, links: [shapedLink] });
  const [worker, meter] = spec.containers;
  assert.equal(worker?.image, 'splitlab/worker-cpu:1');
  assert.equal(worker?.imagePullPolicy, 'Always');
  assert.equal(worker?.env?.at(-1)?.name, 'SPLITLAB_LOG_LEVEL');
  assert.equal(worker?.volumeMounts?.at(-1)?.mountPath, '/data/scratch');
  assert.equal(meter?.name, 'power-meter');
  assert.deepEqual(meter?.securityContext, { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } });
  assert.deepEqual(meter?.resources?.limits, { cpu: '100m', memory: '128Mi' });
  const [link, fetch] = spec.initContainers ?? [];
  assert.deepEqual(link?.resources, { limits: { cpu: '2', memory: '512Mi' }, requests: { cpu: '2', memory: '512Mi' } });
  assert.deepEqual(fetch?.securityContext?.capabilities, { drop: ['ALL'], add: ['NET_BIND_SERVICE'] });
  assert.equal(spec.securityContext?.fsGroup, 2000);
  assert.equal(spec.securityContext?.runAsUser, 65532);
  assert.deepEqual(spec.nodeSelector, { 'kubernetes.io/hostname': 'node-1' });
});

test('what a template may not hold is refused with its path, also where checkPods was not asked', () => {
  const spec = { remote: { template: { spec: { hostNetwork: true } } } };
  assert.throws(
    () => desiredPod(podInput(spec)),
    (error) => error instanceof PodShapeInvalid && error.message.startsWith('spec.remote.template.spec.hostNetwork'),
  );
});

test('a provider that no image has needs one of the user', () => {
  const paths = (spec: object) => checkPods(podInput(spec).manifest.spec).map(({ path }) => path);
  for (const executionProvider of ['WebGPU', 'CoreML', 'DirectML', 'QNN']) {
    assert.deepEqual(paths({ remote: { executionProvider } }), ['spec.remote.executionProvider']);
    const template = { spec: { containers: [{ name: 'worker', image: 'mine:1' }] } };
    assert.deepEqual(paths({ remote: { executionProvider, template } }), []);
  }
});

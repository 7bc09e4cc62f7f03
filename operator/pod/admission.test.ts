import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import fc from 'fast-check';
import { z } from 'zod';
import { formatTraceparent, newTrace } from '../../api/trace/context.ts';
import { withControlPlane } from '../../test/cluster/testing.ts';
import { checkPods } from './check.ts';
import { desiredPod } from './pod.ts';
import { desiredSecret } from './secret.ts';
import { templatedSpecs } from './testing/arbitraries.ts';
import { podInput } from './testing/inputs.ts';
import { shapes } from './testing/shapes.ts';

// What the API server itself says of our pods, in a namespace that enforces the Restricted level.
const { skip, plane } = await withControlPlane();
const namespace = 'restricted';
const level = 'pod-security.kubernetes.io/enforce';

before(async () => {
  if (skip) return;
  const { client } = plane();
  const metadata = { name: namespace, labels: { [level]: 'restricted', [`${level}-version`]: 'latest' } };
  const made = await client.send('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata });
  assert.equal(made.status, 201);
  for (const [name, handler] of [
    ['nvidia', 'nvidia'],
    ['kata', 'kata'],
  ]) {
    const body = { apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', metadata: { name }, handler };
    assert.equal((await client.send('POST', '/apis/node.k8s.io/v1/runtimeclasses', body)).status, 201);
  }
});

const podSchema = z.object({
  spec: z.object({ volumes: z.array(z.record(z.string(), z.unknown())) }),
  status: z.object({ qosClass: z.string() }),
});
const kindOf = (volume: object) => Object.keys(volume).sort();

const owner = { name: 'digits', namespace, uid: '5f0c7a52-6c4d-4a8e-9d3b-0d8a7e1f2b3c' };
const dryRun = (kind: string) => `/api/v1/namespaces/${namespace}/${kind}?dryRun=All&fieldValidation=Strict`;

for (const [what, spec] of Object.entries(shapes)) {
  for (const side of ['local', 'remote'] as const) {
    test(`the API server takes the ${side} pod of ${what}`, { skip }, async () => {
      const pod = desiredPod(podInput(spec, { owner, side }));
      const { status, body } = await plane().client.send('POST', dryRun('pods'), pod);
      assert.equal(status, 201, JSON.stringify(body));
      const answer = podSchema.parse(body);
      assert.equal(answer.status.qosClass, 'Guaranteed');
      // A source that this server does not know would be gone without a word.
      assert.deepEqual(answer.spec.volumes.map(kindOf), (pod.spec?.volumes ?? []).map(kindOf));
    });
  }
}

test('the API server finds every pod Restricted whose template was taken', { skip }, async () => {
  const made = { count: 0 };
  await fc.assert(
    fc.asyncProperty(templatedSpecs(), async ({ spec, side }) => {
      const input = podInput(spec, { owner, side });
      if (checkPods(input.manifest.spec).length > 0) return;
      made.count++;
      const { status, body } = await plane().client.send('POST', dryRun('pods'), desiredPod(input));
      // What it finds invalid otherwise (a mount of no volume) is told with the pod's condition.
      assert.notEqual(status, 403, JSON.stringify(body));
    }),
    { numRuns: 300 },
  );
  assert.ok(made.count > 30, `only ${made.count} templates were taken: the property says little`);
});

const traceparent = formatTraceparent(newTrace(true));

test('the API server takes the Secret', { skip }, async () => {
  const secret = desiredSecret({ ...podInput({}, { owner }), traceparent, credentials: 'creds' });
  const { status, body } = await plane().client.send('POST', dryRun('secrets'), secret);
  assert.equal(status, 201, JSON.stringify(body));
});

test('the namespace refuses a pod that is not Restricted', { skip }, async () => {
  const pod = desiredPod(podInput({}, { owner }));
  const weaker = { ...pod, spec: { ...pod.spec, hostNetwork: true } };
  const { status, body } = await plane().client.send('POST', dryRun('pods'), weaker);
  assert.equal(status, 403);
  assert.match(JSON.stringify(body), /violates PodSecurity/);
});

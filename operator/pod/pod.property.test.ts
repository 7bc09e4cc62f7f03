import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { specSchema } from '../../api/manifest/spec.ts';
import { checkPods } from './check.ts';
import { PodShapeInvalid } from './errors.ts';
import { desiredPod } from './pod.ts';
import { specs, templatedSpecs } from './testing/arbitraries.ts';
import { podInput } from './testing/inputs.ts';
import { qualityOfService } from './testing/quality-of-service.ts';
import { restrictedViolations } from './testing/restricted.ts';

const sides = ['local', 'remote'] as const;

test('a pod is Restricted whatever the manifest and its templates say, or is refused', () => {
  let made = 0;
  fc.assert(
    fc.property(templatedSpecs(), ({ spec, side }) => {
      const input = podInput(spec, { side });
      if (checkPods(input.manifest.spec).length > 0) {
        assert.throws(() => desiredPod(input), PodShapeInvalid);
        return;
      }
      made++;
      assert.deepEqual(restrictedViolations(desiredPod(input)), []);
    }),
    { numRuns: 1000 },
  );
  assert.ok(made > 100, `only ${made} templates were taken: the property says little`);
});

test('a template cannot replace what a worker lives by', () => {
  fc.assert(
    fc.property(templatedSpecs(), ({ spec, side }) => {
      const input = podInput(spec, { side });
      const { template: _local, ...local } = input.manifest.spec.local;
      const { template: _remote, ...remote } = input.manifest.spec.remote;
      const bare = { ...input, manifest: { ...input.manifest, spec: { ...input.manifest.spec, local, remote } } };
      if (checkPods(input.manifest.spec).length > 0 || checkPods(bare.manifest.spec).length > 0) return;
      const [pod, plain] = [desiredPod(input), desiredPod(bare)];
      assert.equal(pod.metadata?.name, plain.metadata?.name);
      assert.deepEqual(pod.metadata?.ownerReferences, plain.metadata?.ownerReferences);
      assert.deepEqual({ ...pod.metadata?.labels, ...plain.metadata?.labels }, pod.metadata?.labels);
      assert.deepEqual({ ...pod.metadata?.annotations, ...plain.metadata?.annotations }, pod.metadata?.annotations);
      const [worker, ours] = [pod.spec?.containers[0], plain.spec?.containers[0]];
      const fixed = ['name', 'args', 'command', 'livenessProbe', 'startupProbe', 'securityContext', 'ports'] as const;
      for (const field of fixed) assert.deepEqual(worker?.[field], ours?.[field], field);
      assert.deepEqual(worker?.env?.slice(0, ours?.env?.length), ours?.env);
      assert.deepEqual(worker?.volumeMounts?.slice(0, ours?.volumeMounts?.length), ours?.volumeMounts);
      assert.deepEqual(pod.spec?.volumes?.slice(0, plain.spec?.volumes?.length), plain.spec?.volumes);
      assert.equal(pod.spec?.restartPolicy, 'Never');
      assert.equal(pod.spec?.automountServiceAccountToken, false);
      assert.equal(pod.spec?.serviceAccountName, undefined);
    }),
    { numRuns: 1000 },
  );
});

test('a pod is Guaranteed unless requests and limits are both written and differ', () => {
  const parses = (spec: object) => specSchema.safeParse({ model: { zoo: 'DigitsCnn' }, ...spec }).success;
  const plain = specs().filter(parses);
  let made = 0;
  fc.assert(
    fc.property(plain, fc.constantFrom(...sides), (spec, side) => {
      const input = podInput(spec, { side });
      if (checkPods(input.manifest.spec).length > 0) return;
      made++;
      const { requests = {}, limits = {} } = input.manifest.spec[side].resources ?? {};
      const differs = ['cpu', 'memory'].some(
        (name) => requests[name] !== undefined && limits[name] !== undefined && requests[name] !== limits[name],
      );
      const expected = differs ? 'Burstable' : 'Guaranteed';
      assert.equal(qualityOfService(desiredPod(input)), expected);
    }),
    { numRuns: 1000 },
  );
  assert.ok(made > 100, `only ${made} specs were taken: the property says little`);
});

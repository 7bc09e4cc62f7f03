import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { objectName } from '../../api/manifest/values.ts';
import { podName, secretName } from './name.ts';

const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

const names = fc
  .array(fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,60}[a-z0-9])?$/), { minLength: 1, maxLength: 4 })
  .map((parts) =>
    parts
      .join('.')
      .slice(0, 253)
      .replace(/[-.]+$/, ''),
  )
  .filter((name) => objectName().safeParse(name).success);
const pods = fc.record({
  experiment: names,
  lane: fc.nat({ max: 63 }),
  side: fc.constantFrom('local' as const, 'remote' as const),
  podAttempt: fc.nat({ max: 1_000_000 }),
});
type Pod = typeof pods extends fc.Arbitrary<infer T> ? T : never;
const nameOf = ({ experiment, lane, side, podAttempt }: Pod) => podName(experiment, lane, side, podAttempt);

test('a short name stands for itself', () => {
  assert.equal(podName('digits', 0, 'local', 1), 'digits-0-local-1');
  assert.equal(secretName('digits'), 'digits-worker');
});

test('a name that is too long is cut and told apart by a hash, the same on every machine', () => {
  const long = 'a'.repeat(60);
  assert.equal(podName(long, 12, 'remote', 345), `${'a'.repeat(38)}-11ee391211-12-remote-345`);
  assert.equal(podName(`${long}b`, 12, 'remote', 345).length, 63);
  assert.notEqual(podName(`${long}b`, 12, 'remote', 345), podName(`${long}c`, 12, 'remote', 345));
});

test('every name is a DNS label of at most 63 characters', () => {
  fc.assert(
    fc.property(pods, (pod) => {
      for (const name of [nameOf(pod), secretName(pod.experiment)]) {
        assert.match(name, label);
        assert.ok(name.length <= 63, name);
      }
    }),
  );
});

test('pods that differ have names that differ', () => {
  fc.assert(
    fc.property(pods, pods, fc.nat(3), (one, other, same) => {
      const parts: readonly Partial<Pod>[] = [
        {},
        { experiment: one.experiment },
        { experiment: one.experiment, side: one.side },
        { experiment: one.experiment, lane: one.lane, side: one.side },
      ];
      const second = { ...other, ...parts[same] };
      assert.equal(nameOf(one) === nameOf(second), JSON.stringify(one) === JSON.stringify({ ...one, ...second }));
    }),
  );
});

test('the short form of one experiment is not the full form of another', () => {
  fc.assert(
    fc.property(pods, (pod) => {
      const shown = nameOf(pod).slice(0, -`-${pod.lane}-${pod.side}-${pod.podAttempt}`.length);
      if (shown !== pod.experiment) assert.notEqual(nameOf({ ...pod, experiment: shown }), nameOf(pod));
    }),
  );
});

test('dots, which a label cannot hold, do not make two experiments one', () => {
  assert.notEqual(podName('a.b', 0, 'local', 1), podName('a-b', 0, 'local', 1));
  assert.match(podName('a.b', 0, 'local', 1), label);
});

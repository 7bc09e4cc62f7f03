import assert from 'node:assert/strict';
import { test } from 'node:test';
import { specSchema } from '../manifest/spec.ts';
import { specDigest } from './spec-digest.ts';

const spec = { model: { zoo: 'VGG16' }, links: [{ name: 'a', type: 'None' }], local: { template: { spec: { x: 1 } } } };
const digest = specDigest(spec);

test('a spec has one digest, with its defaults filled in or not', () => {
  assert.match(digest, /^sha256:[0-9a-f]{64}$/);
  assert.equal(specDigest(specSchema.parse(spec)), digest);
  assert.equal(specDigest({ ...spec, local: { ...spec.local, threads: 1, session: {} }, measurement: {} }), digest);
});

test('what may change later leaves the digest as it is', () => {
  const changes = { suspend: true, ttlSecondsAfterFinished: 5, results: { deletionPolicy: 'Retain' }, lanes: 3 };
  assert.equal(specDigest({ ...spec, ...changes }), digest);
});

const changes: Readonly<Record<string, object>> = {
  'a value': { transfer: 'Pipelined' },
  'a default': { measurement: { blocks: 4 } },
  'a template': { local: { template: { spec: { x: 2 } } } },
  'the name of a member of a template': { local: { template: { other: { x: 1 } } } },
  'the order of a list': { objectives: ['UplinkBytes', 'LatencyP50'] },
  'an optional field': { activeDeadlineSeconds: 5 },
};

for (const [what, change] of Object.entries(changes)) {
  test(`another digest: ${what}`, () => {
    assert.notEqual(specDigest({ ...spec, ...change }), digest);
  });
}

test('a field that equals its default counts like one that is not there, in lists too', () => {
  const codecs = (...list: object[]) => specDigest({ ...spec, codecs: list });
  assert.equal(codecs({ type: 'Float32', compression: 'None' }), digest);
  assert.equal(codecs({ type: 'Float16' }), codecs({ type: 'Float16', compression: 'None' }));
});

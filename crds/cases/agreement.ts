import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { parse } from 'yaml';
import { manifestSchema } from '../../api/manifest/manifest.ts';
import { formatPath } from '../../api/manifest/path.ts';
import { toStructural } from '../../api/manifest/schema-tree.ts';
import { specSchema } from '../../api/manifest/spec.ts';
import { isPlainObject } from '../../api/plain-object.ts';
import { arbitraryOf, disturbed } from '../testing/arbitrary.ts';
import { plane, skip } from '../testing/plane.ts';
import { experiment, tryToCreate } from '../testing/server.ts';
import { wholeSpecs } from '../testing/specs.ts';

const runs = process.env.SPLITLAB_TEST_FULL === undefined ? 150 : 5000;

/** What zod alone finds, since no rule of the CRD can see it; the operator refuses it as InvalidSpec. */
const onlyTheOperator = [
  { at: /^spec\.links\[\d+\]$/, says: /is the same network as/ },
  { at: /^spec\.codecs\[\d+\]$/, says: /is the same as in item/ },
  { at: /bandwidth$|(limits|requests)\.|\[".*"\]$/, says: /is not a quantity/ },
];

/** The affine member of a codec depends on its type: the API server leaves it absent, and parsing fills it in. */
function withoutAffine(spec: Readonly<Record<string, unknown>>): unknown {
  const codecs: readonly unknown[] = Array.isArray(spec.codecs) ? spec.codecs : [];
  return { ...spec, codecs: codecs.map((codec) => (isPlainObject(codec) ? { ...codec, affine: null } : codec)) };
}

/** Both checkers say the same, and what both take has the same defaults. */
async function agree(written: unknown): Promise<'taken' | 'refused'> {
  const spec: unknown = JSON.parse(JSON.stringify(written));
  const object = experiment(spec);
  const parsed = manifestSchema.safeParse(object);
  const outcome = await tryToCreate(plane().client, object);
  if (parsed.success) {
    assert.ok(outcome.ok, `only the API server refuses: ${JSON.stringify([outcome, spec])}`);
    const stored = manifestSchema.parse(experiment(outcome.object.spec));
    assert.deepEqual(stored, parsed.data);
    // Read from the answer itself, so that a default which zod would fill in again is missed when it is missing there.
    assert.deepEqual(withoutAffine(outcome.object.spec), withoutAffine(parsed.data.spec));
    return 'taken';
  }
  const issues = parsed.error.issues.map(({ path, message }) => ({
    at: formatPath(path.filter((step) => typeof step !== 'symbol')),
    message,
  }));
  const mayPass = issues.every((issue) =>
    onlyTheOperator.some(({ at, says }) => at.test(issue.at) && says.test(issue.message)),
  );
  assert.ok(!outcome.ok || mayPass, `only zod refuses: ${JSON.stringify([issues, spec])}`);
  return 'refused';
}

const examples = join(import.meta.dirname, '../../examples');
for (const name of await readdir(examples)) {
  test(`stored with the defaults that a local run fills in: examples/${name}`, { skip }, async () => {
    const text = await readFile(join(examples, name), 'utf8');
    assert.equal(await agree(parse(text).spec), 'taken');
  });
}

test('whole specs are stored with the defaults that a local run fills in', { skip }, async () => {
  for (const spec of wholeSpecs) assert.equal(await agree(spec), 'taken');
});

test('what no rule of the CRD can see is left to the operator', { skip }, async () => {
  const model = { zoo: 'VGG16' };
  const direction = (bandwidth: string) => ({ bandwidth, delay: '1ms' });
  const link = (name: string, rate: string) => ({
    name,
    type: 'Profile',
    profile: { uplink: direction(rate), downlink: direction(rate) },
  });
  for (const spec of [
    { model, links: [link('a', '1M'), link('b', '1000k')] },
    { model, codecs: [{ type: 'Affine' }, { type: 'Affine', affine: { bits: 8 } }] },
    { model, links: [link('a', '1000000.0000000001')] },
  ]) {
    assert.equal(await agree(spec), 'refused');
    assert.ok((await tryToCreate(plane().client, experiment(spec))).ok);
  }
});

test('the API server takes an empty field for one that is absent', { skip }, async () => {
  const object = experiment({ model: { zoo: 'VGG16', http: null }, lanes: null, cache: null });
  assert.ok(!manifestSchema.safeParse(object).success);
  const outcome = await tryToCreate(plane().client, object);
  assert.ok(outcome.ok, JSON.stringify(outcome));
  assert.deepEqual([outcome.object.spec.model, outcome.object.spec.lanes], [{ zoo: 'VGG16' }, 1]);
  assert.ok(manifestSchema.safeParse(experiment(outcome.object.spec)).success);
});

test('what a local run takes the API server takes with the same defaults, and the other way round', {
  skip,
}, async () => {
  const counts = { taken: 0, refused: 0 };
  const specs = arbitraryOf(toStructural(specSchema)).chain((spec) => fc.oneof(fc.constant(spec), disturbed(spec)));
  await fc.assert(
    fc.asyncProperty(specs, async (spec) => {
      counts[await agree(spec)] += 1;
    }),
    { numRuns: runs, endOnFailure: true },
  );
  assert.ok(counts.taken > runs / 10 && counts.refused > runs / 10, JSON.stringify(counts));
});

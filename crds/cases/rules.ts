import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crdSchema } from '../../api/manifest/crd.ts';
import { manifestSchema } from '../../api/manifest/manifest.ts';
import { formatPath, type Path, valueAt } from '../../api/manifest/path.ts';
import type { SchemaNode } from '../../api/manifest/schema-tree.ts';
import { plane, skip } from '../testing/plane.ts';
import { experiment, type Refusal, tryToCreate } from '../testing/server.ts';
import { wholeSpecs, withValue } from '../testing/specs.ts';

interface RulePlace {
  /** As in `spec.links[].name`, `spec.local.resources.limits{}`. */
  readonly place: string;
  readonly message: string;
}

function rulesOf(node: SchemaNode, place = ''): RulePlace[] {
  const rules = node['x-kubernetes-validations'];
  const own = Array.isArray(rules) ? rules.map(({ message }) => ({ place, message: String(message) })) : [];
  const below = Object.entries(node.properties ?? {}).flatMap(([name, child]) =>
    rulesOf(child, place === '' ? name : `${place}.${name}`),
  );
  const values = typeof node.additionalProperties === 'object' ? rulesOf(node.additionalProperties, `${place}{}`) : [];
  return [...own, ...below, ...(node.items ? rulesOf(node.items, `${place}[]`) : []), ...values];
}

const zoo = { zoo: 'VGG16' };
const file = { file: 'a' };

/** Breaches of the rules that span members: where, what is written there, and what the API server says. */
const breaches: readonly (readonly [place: string, value: unknown, message: RegExp])[] = [
  ['spec.model', {}, /write exactly one of zoo, http/],
  ['spec.model', { ...zoo, ...file }, /write exactly one of zoo, http/],
  ['spec.model', file, /file is for local runs; in a cluster use http, persistentVolumeClaim or image/],
  ['spec.input', { sample: 'Cat', random: {} }, /write at most one of sample, random/],
  ['spec.input', file, /file is for local runs; in a cluster use http or persistentVolumeClaim/],
  ['spec.input.preprocess', { type: 'Custom' }, /type Custom needs custom/],
  ['spec.input.preprocess', { type: 'None', custom: {} }, /type Custom needs custom/],
  ['spec.cuts', { selection: 'Named' }, /selection Named needs layers/],
  ['spec.cuts', { selection: 'All', layers: ['a'] }, /selection Named needs layers/],
  ['spec.codecs', [{ type: 'Float32' }, { type: 'Float32' }], /no two items may be equal/],
  ['spec.codecs[]', { type: 'Json', affine: {} }, /type Affine may have affine/],
  ['spec.links[]', { name: 'a', type: 'Profile' }, /type Profile needs profile/],
  ['spec.links[]', { name: 'a', type: 'None', preset: 'WiFi' }, /type Preset needs preset/],
  ['spec.links[].trace.uplink', {}, /write exactly one of builtin, configMapKeyRef/],
  ['spec.links[].trace.downlink', {}, /write exactly one of builtin, configMapKeyRef/],
  ['spec.links[].trace.uplink', file, /file is for local runs; in a cluster use configMapKeyRef/],
  ['spec.links[].trace.downlink', file, /file is for local runs; in a cluster use configMapKeyRef/],
  ['spec.measurement', { mode: 'Server' }, /mode Server needs server/],
  ['spec.measurement', { mode: 'Offline', periodic: { framesPerSecond: '3' } }, /mode Periodic needs periodic/],
  ...['local', 'remote'].flatMap((side) =>
    ['limits', 'requests'].map(
      (kind) =>
        [`spec.${side}.resources.${kind}`, { ['x'.repeat(318)]: 1 }, /write names of 1 to 317 characters/] as const,
    ),
  ),
];

/** Values on either side of what a rule about a single value takes, by the words of its message. */
const outside: readonly (readonly [words: RegExp, values: readonly string[]])[] = [
  [/^write a decimal number/, ['1e9', '-1e9']],
  [/^write a duration from 0s/, ['99999s']],
  [/^write a duration/, ['99999s', '0us']],
  [/^write a quantity/, ['2E', '-1']],
];

/** The rules of the object as a whole: its name here, what cannot change after the start in immutable.ts. */
const ofTheWhole = [/^in a cluster metadata.name has/, /^after the start only/];

const rules = rulesOf(crdSchema());
const valueRules = rules.flatMap((rule) => {
  const found = outside.find(([words]) => words.test(rule.message));
  return found ? found[1].map((value) => ({ ...rule, value })) : [];
});

test('every rule has a case here', () => {
  const covered = (rule: RulePlace) =>
    valueRules.some(({ place }) => place === rule.place) ||
    ofTheWhole.some((message) => rule.place === '' && message.test(rule.message)) ||
    breaches.some(([place, , message]) => place === rule.place && message.test(rule.message));
  assert.deepEqual(
    rules.filter((rule) => !covered(rule)),
    [],
  );
  assert.ok(rules.length >= 50);
});

test('the whole specs are taken', { skip }, async () => {
  for (const spec of wholeSpecs) {
    assert.deepEqual(await refusals(spec), []);
    assert.ok(manifestSchema.safeParse(experiment(spec)).success);
  }
});

for (const [place, value, message] of breaches) {
  test(`refused: ${place} ${JSON.stringify(value).slice(0, 60)}`, { skip }, () => provoke(place, value, message));
}

for (const { place, message, value } of valueRules) {
  test(`refused: ${place} ${value}`, { skip }, () => provoke(place, value, new RegExp(RegExp.escape(message))));
}

for (const name of ['a.b', 'x'.repeat(64)]) {
  test(`refused: the name ${name}`, { skip }, async () => {
    const outcome = await tryToCreate(plane().client, experiment({ model: zoo }, name));
    assert.ok(!outcome.ok);
    assert.deepEqual(
      outcome.refusals.map(({ field }) => field),
      ['metadata.name'],
    );
    assert.match(outcome.refusals.map(({ message }) => message).join(), /in a cluster metadata.name has at most 63/);
  });
}

/** Writes the value at a place of a whole spec; the API server must refuse it there in these words, and zod as well. */
async function provoke(place: string, value: unknown, message: RegExp): Promise<void> {
  const at: Path = place
    .replaceAll('[]', '.0')
    .replaceAll('{}', '.cpu')
    .split('.')
    .slice(1)
    .map((step) => (step === '0' ? 0 : step));
  const base = wholeSpecs.find((spec) => valueAt(spec, at) !== undefined);
  assert.ok(base, `no whole spec has ${place}`);
  const spec = withValue(base, at, value);
  const said = await refusals(spec);
  const field = `spec.${formatPath(at)}`.replace(/\.cpu$/, '[cpu]');
  const here = said.filter((refusal) => refusal.field === field || refusal.field === `spec.${formatPath(at)}`);
  assert.match(here.map(({ message }) => message).join(), message, JSON.stringify(said));
  assert.equal(manifestSchema.safeParse(experiment(spec)).success, /is for local runs/.test(String(message)));
}

async function refusals(spec: unknown): Promise<readonly Refusal[]> {
  const outcome = await tryToCreate(plane().client, experiment(spec));
  return outcome.ok ? [] : outcome.refusals;
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plane, skip } from '../testing/plane.ts';
import { experiment, onceKnown, tryToCreate } from '../testing/server.ts';

const model = { zoo: 'VGG16' };

const apply = (spec: unknown, name: string, ...more: string[]) =>
  plane().kubectl(['apply', '--filename=-', ...more], JSON.stringify(experiment(spec, name)));

test('kubectl explain tells every field, its values and its default', { skip }, async () => {
  const links = await onceKnown(plane(), ['explain', 'splitx.spec.links']);
  assert.match(links, /The networks between local and remote; each is tried at each cut\./);
  assert.match(links, /enum: Preset, Profile, Trace, None/);
  assert.match(links, /Rate and delay of the link, each way\./);
  const measurement = await plane().kubectl(['explain', 'splitx.spec.measurement.timeLimit']);
  assert.match(measurement.replaceAll(/\s+/g, ' '), /The longest that a visit may measure; .*\. Default: 5m\./);
  const status = await plane().kubectl(['explain', 'splitx.status.conditions']);
  assert.match(status, /Why, in a sentence\./);
  for (const text of [links, measurement, status]) assert.doesNotMatch(text, /<no description>/);
});

test('kubectl apply refuses unknown fields and tells all of them', { skip }, async () => {
  const spec = { model, lane: 2, links: [{ name: 'a', type: 'None', typ: 'None' }] };
  const { stderr } = await failure(apply(spec, 'unknown'));
  assert.match(stderr, /strict decoding error: unknown field "spec.lane", unknown field "spec.links\[0\].typ"/);
});

test('without validation unknown fields are dropped, but not those of a template', { skip }, async () => {
  const local = { template: { spec: { anything: { deep: [1] } } } };
  await apply({ model, lane: 2, local }, 'dropped', '--validate=ignore');
  const stored = JSON.parse(await plane().kubectl(['get', 'splitx', 'dropped', '--output=json']));
  assert.equal(stored.spec.lane, undefined);
  assert.deepEqual(stored.spec.local.template, local.template);
});

test('mistakes are told with field, value and what would be taken', { skip }, async () => {
  const spec = { model: { zoo: 'VGG17' }, batchSizes: [0], lanes: 65, cuts: { layers: [], maxCount: 'many' } };
  const outcome = await tryToCreate(plane().client, experiment(spec));
  assert.ok(!outcome.ok);
  const told = outcome.refusals.map(({ field, message }) => `${field}: ${message}`).join('\n');
  assert.match(told, /spec\.model\.zoo: .*"VGG17".*"VGG16"/);
  assert.match(told, /spec\.batchSizes\[0\]: .*0.*greater than or equal to 1/);
  assert.match(told, /spec\.lanes: .*65.*less than or equal to 64/);
  assert.match(told, /spec\.cuts\.layers: .*at least 1 items/);
  assert.match(told, /spec\.cuts\.maxCount: .*must be of type integer/);
});

async function failure(promise: Promise<unknown>): Promise<{ readonly stderr: string }> {
  return promise.then(
    () => assert.fail('it was not refused'),
    (error: unknown) => {
      assert.ok(error instanceof Error && 'stderr' in error);
      return { stderr: String(error.stderr) };
    },
  );
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setPath } from './set.ts';

const manifest = { metadata: { name: 'a' }, spec: { model: { zoo: 'VGG16' }, links: [{ name: 'x', type: 'None' }] } };

function set(assignment: string) {
  const result = setPath(manifest, assignment);
  assert.ok(result.ok, JSON.stringify(result));
  return result.manifest;
}

function refusal(assignment: string, from: unknown = manifest): string {
  const result = setPath(from, assignment);
  assert.ok(!result.ok);
  const [problem] = result.problems;
  return `${problem?.path}: ${problem?.message}; ${problem?.remedy}`;
}

test('a value is replaced, with the type that YAML gives it', () => {
  assert.deepEqual(set('spec.links[0].name=wifi'), {
    ...manifest,
    spec: { ...manifest.spec, links: [{ name: 'wifi', type: 'None' }] },
  });
  assert.deepEqual(set('spec.lanes=2'), { ...manifest, spec: { ...manifest.spec, lanes: 2 } });
  assert.deepEqual(set('spec.batchSizes=[1, 2]'), { ...manifest, spec: { ...manifest.spec, batchSizes: [1, 2] } });
  assert.deepEqual(set('spec.tolerance.bandwidthPercent="2"'), {
    ...manifest,
    spec: { ...manifest.spec, tolerance: { bandwidthPercent: '2' } },
  });
});

test('the manifest itself is left alone', () => {
  const before = structuredClone(manifest);
  set('spec.links[0].name=wifi');
  assert.deepEqual(manifest, before);
});

test('what is on the way is made, and a list grows at its end', () => {
  assert.deepEqual(set('spec.links[1]={name: y, type: None}'), {
    ...manifest,
    spec: { ...manifest.spec, links: [...manifest.spec.links, { name: 'y', type: 'None' }] },
  });
  assert.deepEqual(set('spec.local.session.optimization=Basic'), {
    ...manifest,
    spec: { ...manifest.spec, local: { session: { optimization: 'Basic' } } },
  });
});

test('null removes', () => {
  assert.deepEqual(set('spec.links=null'), { metadata: manifest.metadata, spec: { model: manifest.spec.model } });
  assert.deepEqual(set('spec.links[0]='), { ...manifest, spec: { ...manifest.spec, links: [] } });
});

test('names that are not words stand in quotes; a template takes anything', () => {
  assert.deepEqual(set('metadata.labels["a.b/c=d"]=x'), {
    ...manifest,
    metadata: { name: 'a', labels: { 'a.b/c=d': 'x' } },
  });
  assert.deepEqual(set('spec.local.template.spec.anything[0].x=1'), {
    ...manifest,
    spec: { ...manifest.spec, local: { template: { spec: { anything: [{ x: 1 }] } } } },
  });
});

test('paths that the manifest does not know are refused with the nearest that it knows', () => {
  assert.equal(
    refusal('spec.links[0].nam=x'),
    'spec.links[0].nam: is not a field of spec.links[0]; did you mean name?',
  );
  assert.equal(refusal('spec.lanes.x=1'), 'spec.lanes.x: is not a field of spec.lanes; it has no fields');
  assert.match(refusal('zoo=1'), /^zoo: is not a field of the manifest; known fields are apiVersion/);
});

test('what is not path=value is refused', () => {
  for (const bad of [
    '',
    '=1',
    'spec',
    'spec..x=1',
    '.spec=1',
    'spec.links[x]=1',
    'spec.links[-1]=1',
    'spec lanes=1',
    'spec["a=1',
  ]) {
    assert.match(refusal(bad), /is not path=value|is not a field of/, bad);
  }
  assert.match(refusal('spec.lanes=[1'), /^spec.lanes: is not YAML/);
});

test('a list has no gaps, and what is not a list is not made one', () => {
  assert.equal(refusal('spec.links[5].name=x'), 'spec.links[5]: cannot be set; the list has 1 items, counted from 0');
  assert.match(refusal('spec.links[0].name=x', { spec: { links: 'none' } }), /correct the manifest|counted from 0/);
});

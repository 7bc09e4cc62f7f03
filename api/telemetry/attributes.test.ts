import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as conventions from '@opentelemetry/semantic-conventions/incubating';
import { segmentNames } from '../record/record.ts';
import type { AttributeRow, AttributeType } from './attribute.ts';
import { attributes, presentAttributes } from './attributes.ts';
import { spans } from './spans.ts';

const rows: readonly (readonly [string, AttributeRow])[] = Object.entries(attributes);

const isOfType: Readonly<Record<AttributeType, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string' && value !== '',
  int: Number.isSafeInteger,
  double: Number.isFinite,
  boolean: (value) => typeof value === 'boolean',
};

test('each example is of its own type', () => {
  for (const [name, { type, example }] of rows) assert.ok(isOfType[type](example), name);
});

test("names are OpenTelemetry's or begin with ours, and none is the beginning of another", () => {
  const known = new Set<unknown>(Object.values(conventions));
  const names = rows.map(([name]) => name);
  for (const name of names) {
    if (name.startsWith('splitlab.')) assert.match(name, /^splitlab(\.[a-z][a-z0-9_]*)+$/);
    else assert.ok(known.has(name), name);
    assert.ok(!names.some((other) => other.startsWith(`${name}.`)), `${name} is a namespace of another name`);
  }
});

test('each attribute stands somewhere, and on no span that does not exist', () => {
  for (const [name, { on }] of rows) {
    assert.ok(on.length > 0, name);
    assert.equal(new Set(on).size, on.length, name);
    for (const place of on) assert.ok(place === 'resource' || place in spans, `${name} on ${place}`);
  }
});

test('spans lie in spans of the table, and every segment is one', () => {
  for (const { parents } of Object.values(spans)) for (const parent of parents) assert.ok(parent in spans);
  for (const name of segmentNames) assert.deepEqual(spans[name].parents, ['inference']);
});

test('what is undefined is not there', () => {
  assert.deepEqual(presentAttributes({ 'splitlab.lane': 0, 'k8s.pod.name': undefined }), { 'splitlab.lane': 0 });
});

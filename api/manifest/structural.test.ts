import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { type SchemaNode, toStructural } from './schema-tree.ts';
import { structuralBreaches } from './structural.ts';

const text: SchemaNode = { type: 'string', maxLength: 9, description: 'A text.' };
const list: SchemaNode = {
  type: 'array',
  items: text,
  maxItems: 3,
  'x-kubernetes-list-type': 'atomic',
  description: 'A list.',
};
const validations = (...rules: unknown[]) => ({ ...object({ a: text }), 'x-kubernetes-validations': rules });

function object(properties: Record<string, SchemaNode>): SchemaNode {
  return { type: 'object', description: 'An object.', properties };
}

const fine: Record<string, SchemaNode> = {
  text,
  list,
  enum: { type: 'string', enum: ['A'], default: 'A' },
  integer: { type: 'integer', minimum: 0, maximum: 3, default: 3 },
  set: { ...list, 'x-kubernetes-list-type': 'set' },
  map: {
    ...list,
    items: { ...object({ a: text }), required: ['a'] },
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['a'],
  },
  names: { type: 'object', additionalProperties: text, maxProperties: 3 },
  quantity: {
    'x-kubernetes-int-or-string': true,
    anyOf: [{ type: 'integer' }, { type: 'string' }],
    maxLength: 9,
    default: '1',
  },
  template: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  rule: validations({ rule: 'has(self.a)', message: 'write a' }),
  filled: { ...object({ a: { ...text, default: 'x' } }), required: ['a'], default: {} },
};

const broken: readonly (readonly [string, SchemaNode, RegExp])[] = [
  ['oneOf', { ...text, oneOf: [] }, /must not use oneOf/],
  ['allOf', { ...text, allOf: [] }, /must not use allOf/],
  ['anyOf', { anyOf: [text, { type: 'boolean' }] }, /must not use anyOf/],
  ['$ref', { $ref: '#/x' }, /must not use \$ref/],
  ['const', { ...text, const: 'a' }, /must not use const/],
  ['uniqueItems', { ...list, uniqueItems: true }, /must not use uniqueItems/],
  ['no type', { description: 'x' }, /needs a type/],
  ['number', { type: 'number', minimum: 0, maximum: 1 }, /type number/],
  ['unbounded text', { type: 'string' }, /maxLength or enum/],
  ['unbounded number', { type: 'integer', minimum: 0 }, /minimum and maximum/],
  ['unbounded list', { ...list, maxItems: undefined }, /maxItems/],
  ['unbounded map', { type: 'object', additionalProperties: text }, /maxProperties/],
  ['object without members', { type: 'object' }, /no members/],
  [
    'both kinds of members',
    { ...object({ a: text }), additionalProperties: text, maxProperties: 1 },
    /beside properties/,
  ],
  ['closed object', { ...object({ a: text }), additionalProperties: false }, /beside properties/],
  ['undeclared requirement', { ...object({ a: text }), required: ['b'] }, /requires b/],
  ['no list type', { ...list, 'x-kubernetes-list-type': undefined }, /list-type/],
  ['no items', { ...list, items: undefined as never }, /one schema for its items/],
  ['tuple', { ...list, items: [text, text] as never }, /one schema for its items/],
  ['set of objects', { ...list, items: object({ a: text }), 'x-kubernetes-list-type': 'set' }, /plain type/],
  ['map without keys', { ...list, 'x-kubernetes-list-type': 'map' }, /list-map-keys/],
  [
    'map with an optional key',
    { ...list, items: object({ a: text }), 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['a'] },
    /required or have a default/,
  ],
  [
    'map with an unknown key',
    { ...list, items: object({ a: text }), 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['b'] },
    /plain member/,
  ],
  ['open object elsewhere', { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }, /preserve unknown/],
  ['typed int-or-string', { ...fine.quantity, type: 'string' }, /no type/],
  [
    'bounded int-or-string',
    { ...fine.quantity, anyOf: [{ type: 'integer', minimum: 0 }, { type: 'string' }] },
    /needs anyOf/,
  ],
  ['default of another type', { ...text, default: 1 }, /default: .*not a text/],
  ['default out of bounds', { ...fine.integer, default: 4 }, /default: .*maximum 3/],
  ['default outside the enum', { ...fine.enum, default: 'B' }, /default: .*not one of A/],
  ['default against the pattern', { ...text, pattern: '^a$', default: 'b' }, /default: .*match/],
  ['default with an undeclared field', { ...object({ a: text }), default: { b: 1 } }, /default: .*undeclared field b/],
  ['default that lacks a field', { ...object({ a: text }), required: ['a'], default: {} }, /default: .*lacks a/],
  ['default list too long', { ...list, default: ['a', 'b', 'c', 'd'] }, /default: .*maxItems 3/],
  ['look-around', { ...text, pattern: '^(?!a)b' }, /look around/],
  ['back-reference', { ...text, pattern: '^(a)\\1' }, /refer back/],
  ['rule without a message', validations({ rule: 'true' }), /rule and a message/],
  ['rule about an unknown member', validations({ rule: 'has(self.b)', message: 'x' }), /refers to b/],
  ['rule that reads an optional member', validations({ rule: 'self.a == "x"', message: 'x' }), /without has/],
];

test('what keeps the rules passes', () => {
  const described = Object.fromEntries(
    Object.entries(fine).map(([name, node]) => [name, { ...node, description: 'x' }]),
  );
  assert.deepEqual(structuralBreaches(object(described), { open: ['template'] }), []);
});

for (const [name, node, expected] of broken) {
  test(`a breach is found: ${name}`, () => {
    const breaches = structuralBreaches(object({ field: { ...withoutUndefined(node), description: 'x' } }));
    assert.match(breaches.join('\n'), expected);
    assert.ok(breaches.every((breach) => breach.startsWith('$.field')));
  });
}

test('a field without a description is found, at any depth', () => {
  const breaches = structuralBreaches(object({ a: { ...list, items: object({ b: { type: 'boolean' } }) } }));
  assert.deepEqual(breaches, ['$.a[].b: needs a description']);
});

test("zod's unions, tuples and records without bounds do not pass", () => {
  const union = z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('A'), a: z.boolean() }),
    z.strictObject({ type: z.literal('B'), b: z.boolean() }),
  ]);
  for (const schema of [
    union,
    z.record(z.string(), z.boolean()),
    z.number(),
    z.nullable(z.string().max(3)).or(z.int32()),
  ]) {
    assert.notDeepEqual(structuralBreaches(object({ field: { ...toStructural(schema), description: 'x' } })), []);
  }
});

function withoutUndefined(node: SchemaNode): SchemaNode {
  return Object.fromEntries(Object.entries(node).filter(([, value]) => value !== undefined));
}

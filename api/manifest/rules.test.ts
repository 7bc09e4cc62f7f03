import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { atMostOneOf, distinct, exactlyOneOf, memberNamedByType, withMeta, withRules } from './rules.ts';

const say = (breaches: readonly { readonly path: readonly (string | number)[]; readonly message: string }[]) =>
  breaches.map(({ path, message }) => [...path, message].join(' '));

test('exactly one member', () => {
  const { check, cel } = exactlyOneOf(['a', 'b']);
  assert.deepEqual(say(check({ a: 1 })), []);
  assert.deepEqual(say(check({})), ['has none of a, b']);
  assert.deepEqual(say(check({ a: 1, b: 2 })), ['has a and b']);
  assert.deepEqual(say(check({ a: 1, b: undefined })), []);
  assert.equal(cel?.rule, '[has(self.a), has(self.b)].exists_one(present, present)');
});

test('at most one member', () => {
  const { check, cel } = atMostOneOf(['a', 'b']);
  assert.deepEqual(say(check({})), []);
  assert.deepEqual(say(check({ a: 1, b: 2 })), ['has a and b']);
  assert.equal(cel?.rule, '[has(self.a), has(self.b)].filter(present, present).size() <= 1');
});

test('the member that the type names', () => {
  const { check, cel } = memberNamedByType({ A: 'a', B: 'b' });
  assert.deepEqual(say(check({ type: 'A', a: 1 })), []);
  assert.deepEqual(say(check({ type: 'Other' })), []);
  assert.deepEqual(say(check({ type: 'A' })), ['a is missing']);
  assert.deepEqual(say(check({ type: 'A', b: 1 })), ['a is missing', 'b does not belong to type A']);
  assert.equal(
    cel?.rule,
    "(has(self.a) == (has(self.type) && self.type == 'A')) && (has(self.b) == (has(self.type) && self.type == 'B'))",
  );
});

test('the member that the type may have', () => {
  const { check, cel } = memberNamedByType({ A: 'a' }, { field: 'mode', optional: true });
  assert.deepEqual(say(check({ mode: 'A' })), []);
  assert.deepEqual(say(check({ mode: 'B', a: 1 })), ['a does not belong to mode B']);
  assert.equal(cel?.rule, "(!has(self.a) || (has(self.mode) && self.mode == 'A'))");
});

test('items that are the same', () => {
  assert.deepEqual(say(distinct().check([{ a: 1, b: 2 }, { b: 2, a: 1 }, { a: 1 }])), ['1 is the same as in item 0']);
  assert.deepEqual(say(distinct('a').check([{ a: 1, b: 2 }, { a: 1 }, { b: 1 }, { b: 1 }])), [
    '1 a is the same as in item 0',
  ]);
});

test('a rule says nothing about what it cannot judge', () => {
  for (const value of [null, undefined, 'text', 1, []]) {
    for (const rule of [exactlyOneOf(['a']), atMostOneOf(['a']), memberNamedByType({ A: 'a' }), distinct()]) {
      assert.deepEqual(rule.check(value), []);
    }
  }
  assert.deepEqual(memberNamedByType({ A: 'a' }).check({ type: 1, a: 1 }), []);
});

test('rules are checked together with other mistakes, and keep what was said about the schema before', () => {
  const inner = withMeta(z.strictObject({ a: z.int().optional(), b: z.int().optional() }), { description: 'x' });
  const schema = withRules(withRules(inner, exactlyOneOf(['a', 'b'])), atMostOneOf(['a', 'b']));
  assert.equal(schema.safeParse({ a: 'x', b: 1 }).error?.issues.length, 3);
  assert.equal(schema.meta()?.description, 'x');
  assert.deepEqual(schema.meta()?.['x-kubernetes-validations'], [
    exactlyOneOf(['a', 'b']).cel,
    atMostOneOf(['a', 'b']).cel,
  ]);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { SchemaNode } from '../manifest/schema-tree.ts';
import { valueBreaches } from '../manifest/schema-values.ts';
import { structuralBreaches } from '../manifest/structural.ts';
import { boundStatus, shorten, statusTree } from './bound.ts';
import type { ExperimentStatus } from './status.ts';

test('the status is a structural schema with bounds, list types and descriptions everywhere', () => {
  assert.deepEqual(structuralBreaches(statusTree()), []);
});

test('the largest status that the schema lets pass is below 64 KiB', () => {
  assert.ok(largest(statusTree()) < 64 * 1024, `${largest(statusTree())} bytes`);
});

test('whatever layers are called, a bounded status keeps the schema and its size', () => {
  const word = fc.oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 3000 }),
    fc.constantFrom('\u0001'.repeat(500), '"'.repeat(500), '😀'.repeat(500)),
  );
  fc.assert(
    fc.property(word, fc.integer({ min: 0, max: 200 }), (name, count) => {
      const status = boundStatus(full(name, count));
      assert.deepEqual(valueBreaches(statusTree(), status), []);
      assert.ok(Buffer.byteLength(JSON.stringify(status)) < 64 * 1024);
      assert.deepEqual(boundStatus(status), status);
    }),
    { numRuns: 50 },
  );
});

test('a text that is too long says so and never ends in half a character', () => {
  assert.equal(shorten('short', 5), 'short');
  assert.equal(shorten('longer', 5), 'lo…');
  assert.equal(shorten('a😀😀😀', 9), 'a😀…');
  assert.equal(shorten('"""""', 9), '"""…');
});

/** Bytes of the longest JSON of a value that keeps a schema whose texts are bounded in bytes. */
function largest(node: SchemaNode): number {
  if (node.enum) return Math.max(...node.enum.map((value) => JSON.stringify(value).length));
  switch (node.type) {
    case 'string':
      return 2 + Number(node.maxLength);
    case 'integer':
      return String(node.maximum).length;
    case 'boolean':
      return 'false'.length;
    case 'array':
      return 2 + Number(node.maxItems) * (1 + largest(node.items ?? {}));
    case 'object':
      return Object.entries(node.properties ?? {}).reduce(
        (sum, [name, one]) => sum + name.length + 4 + largest(one),
        2,
      );
    default:
      throw new RangeError(`the type ${node.type} has no largest value`);
  }
}

function full(name: string, count: number): ExperimentStatus {
  const time = '2026-01-31T12:00:00Z';
  const trial = { link: name, batchSize: 1, cut: name, codec: name, trialId: '0123456789abcdef' };
  const list = <T>(item: (index: number) => T) => Array.from({ length: count }, (_, index) => item(index));
  return {
    conditions: [{ type: 'Succeeded', status: 'Unknown', reason: 'Pending', message: name, lastTransitionTime: time }],
    summary: { model: name, bestCut: name },
    best: list(() => ({ objective: 'LatencyP50', ...trial, value: '1.5', unit: 'Millisecond' })),
    pareto: list(() => ({ ...trial, figures: [{ objective: 'LatencyP50', value: '1.5' }] })),
    lanes: list((index) => ({ name: String(index), podAttempt: 0 })),
  };
}

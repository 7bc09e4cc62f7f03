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

test('a status without trials is far below 64 KiB, so that there is always one that fits', () => {
  const { best: _, pareto: __, ...properties } = statusTree().properties ?? {};
  assert.ok(largest({ ...statusTree(), properties }) < 40 * 1024);
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

test('where there is no room the last of the best go, and what fits stays whole', () => {
  const { best = [], pareto = [], lanes = [] } = boundStatus(full('x'.repeat(1500), 64));
  assert.ok(best.length > 20 && best.length < 64, String(best.length));
  assert.ok(pareto.length > 15);
  assert.equal(lanes.length, 64);
  assert.equal(boundStatus(full('conv2_block1_out', 20)).best?.length, 20);
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
    case 'boolean':
      return 5;
    case 'integer':
      return String(node.maximum).length;
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

const objectives = ['LatencyP50', 'UplinkBytes', 'Accuracy', 'LocalEnergy', 'LocalMemory', 'Throughput'];

function full(name: string, count: number): ExperimentStatus {
  const time = '2026-01-31T12:00:00Z';
  const gains = {
    gainOverLocalOnlyPercent: '-12.3456',
    verdictOverLocalOnly: 'Inconclusive',
    gainOverRemotePercent: '-12.3456',
    verdictOverRemote: 'Inconclusive',
  };
  const lane = { localSeen: false, remoteSeen: false, replacedAt: time, failures: 99_999, finalAtFailure: 2 ** 31 - 1 };
  const trial = { link: name, batchSize: 1, cut: name, codec: name, trialId: '0123456789abcdef' };
  const list = <T>(item: (index: number) => T) => Array.from({ length: count }, (_, index) => item(index));
  return {
    conditions: [...'ABCDEFGH'].map((type) => ({
      type,
      status: 'Unknown',
      reason: 'Pending',
      message: name,
      lastTransitionTime: time,
    })),
    summary: { model: name, bestCut: name },
    best: list(() => ({ objective: 'LatencyP50', ...trial, ...gains, value: '1.5', unit: 'Millisecond' })),
    pareto: list(() => ({ ...trial, figures: objectives.map((objective) => ({ objective, value: '1.5' })) })),
    lanes: list((index) => ({ name: String(index), podAttempt: 99_999, localPod: name, remotePod: name, ...lane })),
  };
}

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import fc from 'fast-check';
import { analyse } from './dataflow.ts';
import { encodeModel } from './encode.ts';
import { OnnxError } from './errors.ts';
import { findFrontiers } from './frontiers.ts';
import { findLayers } from './layers.ts';
import { parseModel } from './read.ts';
import { memorySource } from './source.ts';
import { corpusModels } from './testing/corpus.ts';
import { float, integers, node, weight } from './testing/models.ts';

const full = process.env.SPLITLAB_TEST_FULL === '1';
const numRuns = full ? 50_000 : 1500;

/** A small model with something of everything that the reader looks into. */
const rich = encodeModel({
  irVersion: 9,
  opsets: { '': 17, local: 1 },
  producer: 'fuzz',
  metadata: { a: 'b' },
  functions: [
    {
      domain: 'local',
      name: 'F',
      inputs: ['a'],
      outputs: ['b'],
      nodes: [node('Relu', ['a'], 'b')],
      opsets: { '': 17 },
    },
  ],
  graph: {
    name: 'rich',
    nodes: [
      node('Constant', [], 'c', { attributes: { value: { tensor: weight('', [300]) } } }),
      node('Add', ['x', 'w'], 'a', { metadata: { 'splitlab.layer': 'one' } }),
      node('F', ['a'], 'f', { domain: 'local' }),
      node('If', ['p'], 'i', {
        attributes: {
          then_branch: { graph: { name: 't', nodes: [node('Relu', ['f'], 't')], inputs: [], outputs: [float('t')] } },
          else_branch: { graph: { name: 'e', nodes: [node('Neg', ['a'], 'e')], inputs: [], outputs: [float('e')] } },
        },
      }),
      node('Transpose', ['i'], 'y', { attributes: { perm: { ints: [1, 0] }, note: { strings: ['é'] } } }),
    ],
    initializers: [
      weight('w', [64]),
      integers('k', [1, -1]),
      { name: 'o', type: 'float32', shape: [1], data: { location: 'o', offset: 0, length: 4 } },
    ],
    inputs: [float('x', ['batch', 64]), { name: 'p', type: 'bool', shape: [] }],
    outputs: [float('y', [null, 64])],
    values: [float('a')],
  },
});

/** Changes of a model's bytes: cut off, overwritten, a piece removed, repeated or replaced by a wild length. */
const changes = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('truncate' as const), at: fc.nat(), bytes: fc.constant(new Uint8Array()) }),
    fc.record({
      kind: fc.constant('overwrite' as const),
      at: fc.nat(),
      bytes: fc.uint8Array({ minLength: 1, maxLength: 4 }),
    }),
    fc.record({
      kind: fc.constant('insert' as const),
      at: fc.nat(),
      bytes: fc.uint8Array({ minLength: 1, maxLength: 12 }),
    }),
    fc.record({
      kind: fc.constant('remove' as const),
      at: fc.nat(),
      bytes: fc.uint8Array({ minLength: 1, maxLength: 40 }),
    }),
    fc.record({
      kind: fc.constant('overwrite' as const),
      at: fc.nat(),
      bytes: fc.constantFrom(
        Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f),
        Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f),
      ),
    }),
  ),
  { minLength: 1, maxLength: 4 },
);

type Change = {
  readonly kind: 'truncate' | 'overwrite' | 'insert' | 'remove';
  readonly at: number;
  readonly bytes: Uint8Array;
};

function apply(original: Uint8Array, list: readonly Change[]): Uint8Array {
  return list.reduce<Uint8Array>((bytes, { kind, at, bytes: extra }) => {
    const offset = at % Math.max(1, bytes.length);
    const after = kind === 'truncate' ? bytes.length : kind === 'insert' ? offset : offset + extra.length;
    return Uint8Array.from([...bytes.slice(0, offset), ...(kind === 'remove' ? [] : extra), ...bytes.slice(after)]);
  }, original);
}

/** Reads as planning does; returns whether the model was accepted. Anything but an `OnnxError` is a defect. */
function accepts(bytes: Uint8Array): boolean {
  try {
    const flow = analyse(parseModel(memorySource(bytes)).graph);
    findLayers(flow);
    findFrontiers(flow, { maxTensors: 3, limit: 100 });
    return true;
  } catch (error) {
    assert.ok(error instanceof OnnxError, String(error));
    return false;
  }
}

test('a damaged model is read or refused by name', () => {
  let accepted = 0;
  fc.assert(
    fc.property(changes, (list) => {
      if (accepts(apply(rich, list))) accepted++;
    }),
    { numRuns },
  );
  assert.ok(accepted > 0 && accepted < numRuns, 'some damage goes unnoticed, most does not');
});

test('a model cut off at any byte is refused by name', () => {
  const parses = (length: number) => {
    try {
      parseModel(memorySource(rich.slice(0, length)));
      return true;
    } catch (error) {
      assert.ok(error instanceof OnnxError, String(error));
      return false;
    }
  };
  const accepted = Array.from({ length: rich.length }, (_, length) => length).filter(parses);
  assert.ok(accepted.length <= 8, 'only where a whole member of the model ends');
});

test('damaged models of many operators are read or refused by name', async () => {
  const models = await corpusModels();
  const step = full ? 7 : 60;
  for (const path of models.filter((_, index) => index % step === 0)) {
    const original = await readFile(path);
    if (original.length > 50_000) continue;
    fc.assert(
      fc.property(changes, (list) => void accepts(apply(original, list))),
      { numRuns: full ? 500 : 20 },
    );
  }
});

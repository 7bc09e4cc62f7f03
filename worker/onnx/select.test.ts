import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { OnnxError } from './errors.ts';
import { findLayers } from './layers.ts';
import { evenSubset, selectFrontiers } from './select.ts';
import { labelTensors } from './tensor-names.ts';
import { flowOf } from './testing/flow.ts';

/** stem, then a block with a way around: stem -> a -> b -> add(stem) -> y. */
const flow = flowOf(
  [
    ['stem', 'x'],
    ['block.a', 'stem'],
    ['block.b', 'block.a'],
    ['block.add', 'block.b', 'stem'],
    ['y', 'block.add'],
  ],
  ['x'],
  ['y'],
);
const layers = findLayers(flow);
const names = labelTensors(flow, layers).map(({ name }) => name);

function named(wanted: readonly string[], maxTensors?: number) {
  const bound = maxTensors === undefined ? {} : { maxTensors };
  const { frontiers } = selectFrontiers(flow, layers, names, { selection: 'Named', layers: wanted, ...bound });
  return frontiers.map(({ tensors }) => tensors.map((index) => flow.tensors[index]?.name).join('+'));
}

function refused(code: string, message: RegExp) {
  return (error: unknown) => error instanceof OnnxError && error.code === code && message.test(error.message);
}

test('a layer stands for its last tensor and what crosses beside it, a module for its last layer', () => {
  assert.deepEqual(named(['y', 'stem']), ['stem', 'y'], 'in execution order');
  assert.deepEqual(named(['block.b', 'block.b']), ['stem+block.b'], 'once');
  assert.deepEqual(named(['block']), ['block.add']);
});

test('a layer that is unknown, an input or too wide is refused with what to do', () => {
  assert.throws(() => named(['blok.a']), refused('UnknownLayer', /no layer "blok\.a".*nearest names are: block\.a/));
  assert.throws(() => named(['x']), refused('NoCut', /input of the model.*RemoteTensor/));
  assert.throws(() => named(['block.b'], 1), refused('NoCut', /2 tensors cross \(stem, block\.b\).*maxTensors 2/));
});

test('all frontiers, and a warning where there are more than are listed', () => {
  assert.equal(selectFrontiers(flow, layers, names, { selection: 'All', maxTensors: 1 }).frontiers.length, 3);
  const all = selectFrontiers(flow, layers, names, { selection: 'All', limit: 3 });
  assert.equal(all.frontiers.length, 3);
  assert.equal(all.exhaustive, false);
  assert.match(all.warnings[0] ?? '', /more than 3 cuts: only those with up to 1/);
});

test('an even subset has the ends, keeps the order and never repeats', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1000), { minLength: 1 }), fc.integer({ min: 1, max: 20 }), (values, count) => {
      const items = [...values].sort((a, b) => a - b).map((position, id) => ({ position, id }));
      const chosen = evenSubset(items, count, ({ position }) => position);
      assert.equal(chosen.length, Math.min(count, items.length));
      assert.equal(new Set(chosen).size, chosen.length);
      assert.ok(chosen.every((item, index) => index === 0 || (chosen[index - 1]?.id ?? 0) < item.id));
      assert.equal(chosen.at(-1), items.at(-1));
      if (count > 1) assert.equal(chosen[0], items[0]);
    }),
  );
  const positions = [0, 1, 2, 3, 50, 97, 98, 99, 100];
  assert.deepEqual(
    evenSubset(positions, 3, (value) => value),
    [0, 50, 100],
  );
});

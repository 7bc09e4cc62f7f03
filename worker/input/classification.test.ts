import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ElementType, Tensor } from '../tensor.ts';
import { topClasses } from './classification.ts';
import { OutputShapeError } from './errors.ts';

const scores = (values: readonly number[], shape: readonly number[]): Tensor => ({
  name: 'probabilities',
  type: 'float32',
  shape,
  data: new Uint8Array(Float32Array.from(values).buffer),
});

test('probabilities are taken as they are, likeliest first, equal ones in output order', () => {
  const [row] = topClasses(scores([0.25, 0.125, 0.5, 0.125], [1, 4]), ['a', 'b', 'c', 'd'], 3);
  assert.deepEqual(row, [
    { label: 'c', probability: 0.5 },
    { label: 'a', probability: 0.25 },
    { label: 'b', probability: 0.125 },
  ]);
});

test('softmax is added to what does not add up to 1, or is negative', () => {
  const [row] = topClasses(scores([0, Math.log(3)], [1, 2]), undefined, 2);
  assert.equal(row?.[0]?.label, '1');
  assert.ok(Math.abs((row?.[0]?.probability ?? 0) - 0.75) < 1e-6);
  const [negative] = topClasses(scores([2, -1], [1, 2]), undefined, 1);
  assert.ok((negative?.[0]?.probability ?? 1) < 0.96);
});

test('probabilities add up to 1 and keep the order of the scores, however large', () => {
  const row = fc.array(fc.float({ noDefaultInfinity: true, noNaN: true }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(row, (values) => {
      const [top = []] = topClasses(scores(values, [1, values.length]), undefined, values.length);
      assert.equal(top.length, values.length);
      assert.ok(Math.abs(top.reduce((sum, { probability }) => sum + probability, 0) - 1) <= 0.01);
      const best = Math.max(...Float32Array.from(values));
      assert.ok(
        top.some(({ label, probability }) => values[Number(label)] === best && probability === top[0]?.probability),
      );
    }),
  );
});

test('rows are told apart; trailing axes of one element do not matter', () => {
  const rows = topClasses(scores([1, 0, 0, 1], [2, 2, 1, 1]), ['a', 'b'], 1);
  assert.deepEqual(
    rows.map(([top]) => top?.label),
    ['a', 'b'],
  );
});

test('a row that is not finite has no classes; names of another number of classes are not used', () => {
  assert.deepEqual(topClasses(scores([Number.NaN, 1], [1, 2]), undefined, 1), [[]]);
  assert.equal(topClasses(scores([0, 1], [1, 2]), ['a', 'b', 'c'], 1)[0]?.[0]?.label, '1');
});

test('half and double floats are read, other tensors refused', () => {
  const halves = {
    ...scores([], [1, 2]),
    type: 'float16',
    data: new Uint8Array(Float16Array.of(0.25, 0.75).buffer),
  } as const;
  assert.deepEqual(topClasses(halves, undefined, 1), [[{ label: '1', probability: 0.75 }]]);
  const doubles = { ...halves, type: 'float64', data: new Uint8Array(Float64Array.of(0.25, 0.75).buffer) } as const;
  assert.deepEqual(topClasses(doubles, undefined, 1), [[{ label: '1', probability: 0.75 }]]);
  const refused: readonly [ElementType, readonly number[]][] = [
    ['float32', [2]],
    ['float32', [1, 1, 2]],
    ['float32', [1, 0]],
    ['int64', [1, 2]],
  ];
  for (const [type, shape] of refused) {
    assert.throws(() => topClasses({ ...scores([0, 1], shape), type }, undefined, 1), OutputShapeError);
  }
});

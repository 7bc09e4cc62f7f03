import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Tensor } from '../tensor.ts';
import { classifyRows, countAgreement, countCorrect } from './classify.ts';

function scores(...rows: readonly (readonly number[])[]): Tensor {
  const shape = [rows.length, rows[0]?.length ?? 0];
  return { name: 'scores', type: 'float32', shape, data: new Uint8Array(Float32Array.from(rows.flat()).buffer) };
}

test('probabilities are taken as they are, logits through a softmax', () => {
  const labels = ['ant', 'bee', 'cat'];
  const [probable] = classifyRows(scores([0.25, 0.5, 0.25]), labels, 2);
  assert.deepEqual(probable, [
    { label: 'bee', probability: 0.5 },
    { label: 'ant', probability: 0.25 },
  ]);
  const [logits] = classifyRows(scores([Math.log(1), Math.log(2), Math.log(5)]), labels, 3);
  assert.deepEqual(
    logits?.map(({ label, probability }) => [label, probability.toFixed(6)]),
    [
      ['cat', '0.625000'],
      ['bee', '0.250000'],
      ['ant', '0.125000'],
    ],
  );
});

test('logits that happen to sum to one, but are no probabilities, go through the softmax', () => {
  const [row] = classifyRows(scores([2, -1]), null, 1);
  assert.equal(row?.[0]?.label, 'class 0');
  assert.ok(Math.abs((row?.[0]?.probability ?? 0) - 1 / (1 + Math.exp(-3))) < 1e-9);
});

test('large logits do not overflow, NaN goes last', () => {
  const [large] = classifyRows(scores([1e30, 0]), null, 1);
  assert.deepEqual(large, [{ label: 'class 0', probability: 1 }]);
  const [broken] = classifyRows(scores([Number.NaN, 1, 2]), null, 3);
  assert.equal(broken?.length, 3);
});

test('each row of a batch has its own answer', () => {
  const rows = classifyRows(scores([1, 0], [0, 1]), ['ant', 'bee'], 1);
  assert.deepEqual(
    rows.map((row) => row[0]?.label),
    ['ant', 'bee'],
  );
});

test('labels must be as many as the classes', () => {
  assert.throws(() => classifyRows(scores([1, 0]), ['ant'], 1), /has 2 classes, but there are 1 labels/);
  assert.throws(() => classifyRows({ ...scores([]), shape: [1, 0] }, null, 1), /has no classes/);
});

test('agreement counts rows with the same best class', () => {
  const reference = scores([0, 1], [1, 0], [0.5, 0.5]);
  assert.deepEqual(countAgreement(scores([0.4, 0.6], [0, 1], [0.5, 0.5]), reference), { rows: 3, matching: 2 });
  assert.deepEqual(countAgreement(scores([Number.NaN, 1]), scores([Number.NaN, 1])), { rows: 1, matching: 0 });
  assert.throws(() => countAgreement(scores([1, 0]), reference), /shapes \[1, 2\] and \[3, 2\]/);
});

test('accuracy counts rows whose best class is the expected one', () => {
  assert.deepEqual(countCorrect(scores([0, 1], [1, 0]), [1, 1]), { rows: 2, matching: 1 });
  assert.throws(() => countCorrect(scores([0, 1]), [1, 2]), /has 1 rows for 2 labels/);
});

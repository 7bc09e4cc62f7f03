import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Tensor } from '../tensor.ts';
import { compareOutputs } from './check.ts';
import { elementsOf, type RuntimeType } from './elements.ts';
import { OutputMismatchError } from './errors.ts';

function tensor(values: readonly number[], type: RuntimeType = 'float64', name = 'y'): Tensor {
  const bytes = new Uint8Array(values.length * 8);
  const elements = elementsOf(type, bytes);
  values.forEach((value, index) => {
    elements[index] = elements instanceof BigInt64Array || elements instanceof BigUint64Array ? BigInt(value) : value;
  });
  const data = bytes.subarray(0, (elements.BYTES_PER_ELEMENT * values.length) | 0);
  return { name, type, shape: [values.length], data };
}

const compare = (a: readonly number[], b: readonly number[], tolerance = 1e-4, type: RuntimeType = 'float64') =>
  compareOutputs([tensor(a, type)], [tensor(b, type)], tolerance);

test('the tolerance is relative to the largest reference, and absolute below one', () => {
  assert.equal(compare([1.0001, 0], [1, 0], 1e-3).withinTolerance, true);
  assert.equal(compare([0.01, 0], [0, 0], 1e-3).withinTolerance, false);
  assert.equal(compare([0.01, 100], [0, 100], 1e-3).withinTolerance, true);
  assert.equal(compare([0.5, 0.5], [0.5, 0.5], 0).withinTolerance, true);
  assert.equal(compare([1e-9], [0], 0).withinTolerance, false);
});

test('signal to noise in decibel, null without noise or signal', () => {
  const { snrDecibel, maxAbsoluteDifference } = compare([1.1, 2.2], [1, 2]);
  assert.ok(snrDecibel !== null && Math.abs(snrDecibel - 20) < 1e-9);
  assert.ok(maxAbsoluteDifference !== null && Math.abs(maxAbsoluteDifference - 0.2) < 1e-9);
  assert.equal(compare([1], [1]).snrDecibel, null);
  assert.equal(compare([1], [0]).snrDecibel, null);
});

test('NaN equals NaN and an infinity itself; against a number they never pass', () => {
  const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;
  assert.equal(compare([nan, infinity, 1], [nan, infinity, 1]).withinTolerance, true);
  for (const [a, b] of [
    [nan, 1],
    [1, nan],
    [infinity, -infinity],
    [infinity, nan],
    [1, infinity],
  ] as const) {
    const result = compare([a, 2], [b, 2], 1e9);
    assert.equal(result.withinTolerance, false);
    assert.equal(result.perOutput[0]?.nonFiniteMismatches, 1);
    assert.equal(result.maxAbsoluteDifference, 0);
  }
  assert.equal(compare([nan], [nan]).maxAbsoluteDifference, null);
});

test('integers are equal or not, whatever the tolerance, also beyond what a double holds', () => {
  assert.equal(compare([1, 2], [1, 2], 0, 'int64').withinTolerance, true);
  assert.equal(compare([1, 3], [1, 2], 10, 'int64').withinTolerance, false);
  assert.equal(compare([0, 1], [1, 1], 10, 'bool').withinTolerance, false);
  const big = (value: bigint): Tensor => {
    return { name: 'y', type: 'int64', shape: [1], data: new Uint8Array(BigInt64Array.of(value).buffer) };
  };
  assert.equal(compareOutputs([big(2n ** 60n + 1n)], [big(2n ** 60n)], 1).withinTolerance, false);
});

test('half precision and data at odd offsets are read', () => {
  assert.equal(compare([0.5, 2], [0.5, 2], 0, 'float16').withinTolerance, true);
  assert.equal(compare([0.5, 2], [0.5, 3], 0.1, 'float16').maxAbsoluteDifference, 1);
  const shifted = new Uint8Array(9).subarray(1);
  shifted.set(tensor([4]).data);
  assert.equal(compareOutputs([{ ...tensor([4]), data: shifted }], [tensor([4])], 0).withinTolerance, true);
});

test('several outputs: found by name, the worst counts, each is listed', () => {
  const result = compareOutputs(
    [tensor([1, 1], 'float64', 'b'), tensor([3], 'float32', 'a')],
    [tensor([3.5], 'float32', 'a'), tensor([1, 1], 'float64', 'b')],
    1e-4,
  );
  assert.equal(result.withinTolerance, false);
  assert.equal(result.maxAbsoluteDifference, 0.5);
  assert.deepEqual(
    result.perOutput.map(({ name, withinTolerance }) => [name, withinTolerance]),
    [
      ['a', false],
      ['b', true],
    ],
  );
});

test('outputs that do not correspond are refused', () => {
  assert.throws(() => compareOutputs([], [tensor([1])], 0), OutputMismatchError);
  assert.throws(() => compareOutputs([tensor([1], 'float64', 'z')], [tensor([1])], 0), /output "y" is missing/);
  assert.throws(() => compare([1, 2], [1]), /is float64 \[2\], its reference float64 \[1\]/);
  assert.throws(() => compareOutputs([tensor([1], 'float32')], [tensor([1])], 0), OutputMismatchError);
});

test('agrees with the definition on any finite numbers', () => {
  const number = fc.double({ noNaN: true, min: -1e6, max: 1e6 });
  const pairs = fc.array(fc.tuple(number, number), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(pairs, fc.double({ min: 0, max: 2, noNaN: true }), (values, tolerance) => {
      const largest = Math.max(1, ...values.map(([, b]) => Math.abs(b)));
      const expected = values.every(([a, b]) => Math.abs(a - b) <= tolerance * largest);
      const [a, b] = [values.map(([value]) => value), values.map(([, value]) => value)];
      assert.equal(compare(a, b, tolerance).withinTolerance, expected);
    }),
  );
});

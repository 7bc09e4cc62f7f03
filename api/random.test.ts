import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { seededRandom, shuffle, splitMix64, xoshiro128StarStar } from './random.ts';

test('xoshiro128** gives the words of the reference implementation', () => {
  const random = xoshiro128StarStar([1, 2, 3, 4]);
  assert.deepEqual(
    Array.from({ length: 10 }, () => random.uint32()),
    [11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804],
  );
});

test('SplitMix64 gives the words of the reference implementation', () => {
  const next = splitMix64(1477776061723855037n);
  assert.deepEqual(
    Array.from({ length: 3 }, () => next()),
    [1985237415132408290n, 2979275885539914483n, 13511426838097143398n],
  );
});

test('a seed always gives the same stream, another seed another one', () => {
  const stream = (seed: number) => {
    const random = seededRandom(seed);
    return Array.from({ length: 8 }, () => random.uint32());
  };
  assert.deepEqual(stream(1), stream(1));
  assert.notDeepEqual(stream(1), stream(2));
  assert.notDeepEqual(stream(1), stream(-1));
});

test('what is not a seed, a state or a bound is refused', () => {
  assert.throws(() => seededRandom(0.5), RangeError);
  assert.throws(() => seededRandom(2 ** 53), RangeError);
  assert.throws(() => xoshiro128StarStar([0, 0, 0, 0]), RangeError);
  for (const bound of [0, 1.5, 2 ** 32 + 1, Number.NaN]) assert.throws(() => seededRandom(1).below(bound), RangeError);
});

test('below stays within its bound', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 2 ** 32 }), (seed, bound) => {
      const value = seededRandom(seed).below(bound);
      return Number.isInteger(value) && value >= 0 && value < bound;
    }),
  );
});

test('below is even: each of 6 faces comes up about as often as the others', () => {
  const counts = [0, 0, 0, 0, 0, 0];
  const random = seededRandom(42);
  for (let roll = 0; roll < 60_000; roll++) {
    const face = random.below(6);
    counts[face] = (counts[face] ?? 0) + 1;
  }
  const chiSquare = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
  assert.ok(
    chiSquare < 20.5,
    `chi-square ${chiSquare} of ${counts} (20.5 is the 99.9 % point for 5 degrees of freedom)`,
  );
});

test('shuffle keeps every item and leaves its argument alone', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), fc.integer(), (list, seed) => {
      const before = [...list];
      const shuffled = shuffle(list, seededRandom(seed));
      assert.deepEqual(list, before);
      assert.deepEqual(
        shuffled.toSorted((a, b) => a - b),
        list.toSorted((a, b) => a - b),
      );
    }),
  );
});

test('shuffle reaches all orders about equally often', () => {
  const counts = new Map<string, number>();
  const random = seededRandom(7);
  for (let round = 0; round < 12_000; round++) {
    const order = shuffle(['a', 'b', 'c'], random).join('');
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  assert.equal(counts.size, 6);
  const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - 2000) ** 2 / 2000, 0);
  assert.ok(chiSquare < 20.5, `chi-square ${chiSquare}`);
});

test('shuffle with a seed gives this order on every machine', () => {
  assert.deepEqual(shuffle([0, 1, 2, 3, 4, 5, 6, 7], seededRandom(1)), [2, 1, 3, 6, 5, 0, 7, 4]);
});

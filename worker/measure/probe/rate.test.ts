import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findRate } from './rate.ts';

/** Trains that say these rates, in order; how many were sent, and of how many bytes. */
function trains(said: readonly { rate: number; support?: number; tookMs?: number }[]) {
  const sent: number[] = [];
  const train = async (bytes: number) => {
    const { rate, support = 1, tookMs = 20 } = said[sent.length] ?? assert.fail('one train too many');
    sent.push(bytes);
    return { bitsPerSecond: rate, support, tookMs };
  };
  return { train, sent };
}

test('a clean train that confirms what was asked for is enough', async () => {
  const { train, sent } = trains([{ rate: 1_005_000 }]);
  assert.equal(await findRate(train, 1_000_000), 1_005_000);
  assert.deepEqual(sent, [16_384]);
});

test('a link that is off is reported as it is, once two trains agree', async () => {
  const { train, sent } = trains([{ rate: 900_000 }, { rate: 902_000 }]);
  assert.equal(await findRate(train, 1_000_000), 901_000);
  assert.equal(sent.length, 2);
});

test('a burst that looks clean does not count alone', async () => {
  const { train } = trains([{ rate: 13_000_000 }, { rate: 999_000 }, { rate: 1_001_000 }]);
  assert.equal(await findRate(train, 1_000_000), 1_000_000);
});

test('of trains that never agree the median counts', async () => {
  const rates = [5, 1, 9, 2, 3].map((rate) => ({ rate, support: 0.3 }));
  assert.equal(await findRate(trains(rates).train, 1_000_000), 3);
});

test('for an unknown rate trains grow until one lasts long enough', async () => {
  const quick = { rate: 3e9, tookMs: 1 };
  const { train, sent } = trains([quick, quick, { rate: 2e9 }, { rate: 2e9 }]);
  assert.equal(await findRate(train, null), 2e9);
  assert.deepEqual(sent, [262_144, 1_048_576, 4_194_304, 4_194_304]);
});

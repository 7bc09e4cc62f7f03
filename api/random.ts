/** A stream of pseudo-random integers that is the same on every machine. */
export interface Random {
  /** The next integer, 0 to 2^32 - 1. */
  uint32(): number;
  /** An integer from 0 to `bound` - 1, each equally likely; `bound` from 1 to 2^32. */
  below(bound: number): number;
}

/**
 * xoshiro128** 1.1 (Blackman and Vigna, https://prng.di.unimi.it/xoshiro128starstar.c), its state filled by SplitMix64
 * from `seed` as its authors recommend. Integer arithmetic only, so the stream depends on the seed alone. Takes a safe
 * integer; throws RangeError otherwise.
 */
export function seededRandom(seed: number): Random {
  if (!Number.isSafeInteger(seed)) throw new RangeError(`seed ${seed} is not a safe integer`);
  const next = splitMix64(BigInt(seed));
  const [low, high] = [next(), next()];
  return xoshiro128StarStar([low, low >> 32n, high, high >> 32n].map((word) => Number(word & 0xffffffffn)));
}

/** A new list with the items of `list` in an order drawn from `random` (Fisher and Yates; every order equally likely). */
export function shuffle<T>(list: readonly T[], random: Random): T[] {
  const rest = [...list];
  const shuffled: T[] = [];
  while (rest.length > 0) shuffled.push(...rest.splice(random.below(rest.length), 1));
  return shuffled;
}

/** The generator itself, from a state of four 32-bit words of which at least one is not zero. */
export function xoshiro128StarStar(state: readonly number[]): Random {
  if (state.length !== 4 || state.every((word) => word === 0)) {
    throw new RangeError('the state of xoshiro128** is four 32-bit words, not all zero');
  }
  let [a = 0, b = 0, c = 0, d = 0] = state;
  const uint32 = () => {
    const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotateLeft(d, 11);
    return result;
  };
  const below = (bound: number) => {
    if (!Number.isInteger(bound) || bound < 1 || bound > 2 ** 32) {
      throw new RangeError(`${bound} is not an integer from 1 to 2^32`);
    }
    const fair = 2 ** 32 - (2 ** 32 % bound);
    for (;;) {
      const value = uint32();
      if (value < fair) return value % bound;
    }
  };
  return { uint32, below };
}

/** SplitMix64 (Steele, Lea and Flood; https://prng.di.unimi.it/splitmix64.c): 64-bit words, only used to fill a state. */
export function splitMix64(seed: bigint): () => bigint {
  let state = BigInt.asUintN(64, seed);
  return () => {
    state = BigInt.asUintN(64, state + 0x9e3779b97f4a7c15n);
    const first = BigInt.asUintN(64, (state ^ (state >> 30n)) * 0xbf58476d1ce4e5b9n);
    const second = BigInt.asUintN(64, (first ^ (first >> 27n)) * 0x94d049bb133111ebn);
    return second ^ (second >> 31n);
  };
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

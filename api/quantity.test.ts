import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compareDecimals, decimal, parseDecimal } from './decimal.ts';
import { FormatError } from './errors.ts';
import { canonicalQuantity, formatQuantity, parseQuantity, quantityToNumber } from './quantity.ts';

test('reads what Kubernetes reads', () => {
  const known: [string | number, number][] = [
    ['20M', 20_000_000],
    ['100k', 100_000],
    ['1Gi', 1_073_741_824],
    ['1500m', 1.5],
    ['2e6', 2_000_000],
    ['2E6', 2_000_000],
    ['2E', 2e18],
    ['1.5Ki', 1536],
    ['.5', 0.5],
    ['5.', 5],
    ['-3u', -0.000003],
    ['+7n', 7e-9],
    ['1e-3', 0.001],
    [20_000_000, 20_000_000],
    ['0', 0],
  ];
  for (const [text, value] of known) assert.equal(quantityToNumber(text), value, String(text));
});

test('equal quantities share one canonical text', () => {
  const known: [string | number, string][] = [
    ['20000k', '20M'],
    ['0.02G', '20M'],
    [20_000_000, '20M'],
    ['1.5', '1500m'],
    ['1Ki', '1024'],
    ['1Gi', '1073741824'],
    ['0.1u', '100n'],
    ['1000E-3', '1'],
    ['-1000', '-1k'],
    ['0k', '0'],
  ];
  for (const [text, canonical] of known) assert.equal(canonicalQuantity(text), canonical, String(text));
});

test('what is not a quantity is refused, and so is what Kubernetes would round or cap', () => {
  const bad = [
    '',
    'M',
    '20 M',
    '20Mbit',
    '20K',
    '1mi',
    '1e',
    '1e2k',
    '--1',
    '1.2.3',
    '0x1',
    'NaN',
    '0.1n',
    '8Ei',
    '1e30',
  ];
  for (const text of bad) assert.throws(() => parseQuantity(text), FormatError, text);
  assert.throws(() => parseQuantity(Number.NaN), FormatError);
  assert.throws(() => parseQuantity('1'.repeat(33)), FormatError);
});

test('writing and reading gives the same quantity, and a canonical text is its own canonical text', () => {
  const values = fc
    .tuple(fc.bigInt({ min: -(10n ** 9n), max: 10n ** 9n }), fc.integer({ min: -9, max: 9 }))
    .map(([digits, exponent]) => decimal(digits, exponent));
  fc.assert(
    fc.property(values, (value) => {
      const text = formatQuantity(value);
      assert.deepEqual(parseQuantity(text), value);
      assert.equal(canonicalQuantity(text), text);
      assert.doesNotMatch(text, /\./);
    }),
  );
});

test('a suffix is exactly its factor', () => {
  const factors = {
    n: '1e-9',
    u: '1e-6',
    m: '1e-3',
    k: '1e3',
    M: '1e6',
    G: '1e9',
    T: '1e12',
    P: '1e15',
    Ki: '1024',
    Mi: '1048576',
  };
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 999 }),
      fc.constantFrom(...Object.entries(factors)),
      (number, [suffix, factor]) => {
        const { digits, exponent } = parseDecimal(factor);
        assert.equal(
          compareDecimals(parseQuantity(`${number}${suffix}`), decimal(BigInt(number) * digits, exponent)),
          0,
        );
      },
    ),
  );
});

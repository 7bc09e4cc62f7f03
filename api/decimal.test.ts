import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  compareDecimals,
  decimal,
  decimalToBigint,
  decimalToNumber,
  formatDecimal,
  multiplyDecimals,
  parseDecimal,
} from './decimal.ts';
import { FormatError } from './errors.ts';

const decimals = fc
  .tuple(fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }), fc.integer({ min: -9, max: 9 }))
  .map(([digits, exponent]) => decimal(digits, exponent));

test('reads decimal strings without rounding', () => {
  assert.deepEqual(parseDecimal('0.1'), { digits: 1n, exponent: -1 });
  assert.deepEqual(parseDecimal('1e-4'), { digits: 1n, exponent: -4 });
  assert.deepEqual(parseDecimal('-12.50'), { digits: -125n, exponent: -1 });
  assert.deepEqual(parseDecimal('+.5E2'), { digits: 5n, exponent: 1 });
  assert.deepEqual(parseDecimal('-0.00'), { digits: 0n, exponent: 0 });
});

test('what is not a decimal is refused', () => {
  for (const text of [
    '',
    '.',
    '1.',
    'e5',
    '1e',
    '1e100',
    '0x10',
    '1_000',
    ' 1',
    '1 ',
    '1,5',
    'NaN',
    'Infinity',
    '1'.repeat(33),
  ]) {
    assert.throws(() => parseDecimal(text), FormatError, text);
  }
});

test('equal numbers have one text, and reading it gives the number', () => {
  fc.assert(fc.property(decimals, (value) => assert.deepEqual(parseDecimal(formatDecimal(value)), value)));
  assert.equal(formatDecimal(parseDecimal('1e-4')), '0.0001');
  assert.equal(formatDecimal(parseDecimal('-1.20e3')), '-1200');
});

test('the number is the double that ECMAScript reads from the same text', () => {
  fc.assert(fc.property(decimals, (value) => decimalToNumber(value) === Number(formatDecimal(value))));
});

test('the order is that of the numbers', () => {
  fc.assert(
    fc.property(decimals, decimals, (a, b) => {
      assert.equal(compareDecimals(a, b), -compareDecimals(b, a) + 0);
      assert.equal(compareDecimals(a, b) === 0, formatDecimal(a) === formatDecimal(b));
      if (decimalToNumber(a) < decimalToNumber(b)) assert.ok(compareDecimals(a, b) < 0);
    }),
  );
  assert.ok(compareDecimals(parseDecimal('0.1000000000000000000001'), parseDecimal('0.1')) > 0);
});

test('products and integers are exact', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }), fc.bigInt({ min: 0n, max: 10n ** 12n }), (a, b) => {
      assert.equal(decimalToBigint(multiplyDecimals(decimal(a), decimal(b))), a * b);
    }),
  );
  assert.equal(decimalToBigint(parseDecimal('1.5')), null);
  assert.equal(decimalToBigint(parseDecimal('1.5e1')), 15n);
});

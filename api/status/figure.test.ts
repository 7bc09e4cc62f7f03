import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decimalPattern } from '../decimal.ts';
import { figureMaxLength, formatFigure } from './figure.ts';

test('figures are short decimal strings', () => {
  assert.equal(formatFigure(23.45678912), '23.4568');
  assert.equal(formatFigure(12_845_056), '12845056');
  assert.equal(formatFigure(-0.1), '-0.1');
  assert.equal(formatFigure(123_456_789_012_345), '1.23457e+14');
});

test('every figure is within 0.001 % of its number, and short enough', () => {
  fc.assert(
    fc.property(fc.double({ min: -1e30, max: 1e30, noNaN: true }), (value) => {
      fc.pre(value === 0 || Math.abs(value) > 1e-30);
      const text = formatFigure(value);
      assert.match(text, decimalPattern);
      assert.ok(text.length <= figureMaxLength, text);
      assert.ok(Math.abs(Number(text) - value) <= Math.abs(value) * 1e-5);
    }),
  );
});

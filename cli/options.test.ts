import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvalidArgumentError } from 'commander';
import { dimension, wholeNumber } from './options.ts';

test('counts are whole numbers from 1', () => {
  assert.equal(wholeNumber('12'), 12);
  for (const text of ['0', '-1', '1.5', 'two', '', '12345678901']) {
    assert.throws(() => wholeNumber(text), InvalidArgumentError, text);
  }
});

test('dimensions are collected by name', () => {
  assert.deepEqual(dimension('height=8', dimension('seq=128', {})), { seq: 128, height: 8 });
  for (const text of ['seq', '=3', 'seq=', 'seq=0', 'seq=a']) {
    assert.throws(() => dimension(text, {}), InvalidArgumentError, text);
  }
});

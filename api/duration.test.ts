import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonicalDuration, durationMilliseconds, formatDuration, parseDuration } from './duration.ts';
import { FormatError } from './errors.ts';

test('reads durations to the nanosecond', () => {
  assert.equal(parseDuration('25ms'), 25_000_000n);
  assert.equal(parseDuration('0.5us'), 500n);
  assert.equal(parseDuration('0.000000001s'), 1n);
  assert.equal(parseDuration('5m'), 300_000_000_000n);
  assert.equal(parseDuration('1.5h'), 5_400_000_000_000n);
  assert.equal(durationMilliseconds('0.1ms'), 0.1);
  assert.equal(durationMilliseconds('3us'), 0.003);
});

test('what is not a duration is refused, and so is a fraction of a nanosecond', () => {
  const bad = [
    '',
    'ms',
    '25',
    '25 ms',
    '-1ms',
    '+1ms',
    '.5s',
    '1.s',
    '1e3ms',
    '1d',
    '25MS',
    '1s500ms',
    '0.1ns',
    '0.0001us',
    `${'1'.repeat(23)}ms`,
  ];
  for (const text of bad) assert.throws(() => parseDuration(text), FormatError, text);
});

test('equal durations share one canonical text', () => {
  for (const text of ['1000ms', '1s', '1.0s', '1000000us']) assert.equal(canonicalDuration(text), '1s');
  assert.equal(canonicalDuration('5m'), '300s');
  assert.equal(canonicalDuration('0.0005ms'), '0.5us');
  assert.equal(canonicalDuration('0us'), '0s');
});

test('writing and reading gives the same duration', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 15n }), (value) => parseDuration(formatDuration(value)) === value),
  );
});

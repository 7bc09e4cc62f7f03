import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatTraceparent, newTrace, parseTraceparent } from './context.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';

test('what is written is read again', () => {
  for (const sampled of [true, false]) {
    const context = newTrace(sampled);
    assert.deepEqual(parseTraceparent(formatTraceparent(context)), context);
  }
  assert.equal(formatTraceparent({ traceId, spanId, sampled: true }), `00-${traceId}-${spanId}-01`);
  assert.notEqual(newTrace(true).traceId, newTrace(true).traceId);
});

test('unknown flags and later versions are read by what they share with this one', () => {
  assert.equal(parseTraceparent(`00-${traceId}-${spanId}-03`)?.sampled, true);
  assert.equal(parseTraceparent(`00-${traceId}-${spanId}-02`)?.sampled, false);
  assert.deepEqual(parseTraceparent(`cc-${traceId}-${spanId}-01-more`), { traceId, spanId, sampled: true });
});

test('malformed values are nothing', () => {
  for (const value of [
    '',
    `00-${traceId}-${spanId}`,
    `00-${traceId}-${spanId}-01-more`,
    `ff-${traceId}-${spanId}-01`,
    `00-${traceId.toUpperCase()}-${spanId}-01`,
    `00-${'0'.repeat(32)}-${spanId}-01`,
    `00-${traceId}-${'0'.repeat(16)}-01`,
    ` 00-${traceId}-${spanId}-01`,
    `00-${traceId}-${spanId}-1`,
    `cc-${traceId}-${spanId}-01.more`,
  ]) {
    assert.equal(parseTraceparent(value), null, value);
  }
});

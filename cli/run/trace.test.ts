import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatTraceparent, newTrace } from '../../api/trace/context.ts';
import { experimentContext } from '../../api/trace/identity.ts';
import { runTrace } from './trace.ts';

test('TRACEPARENT says what a run is part of; one that nobody can read says nothing', () => {
  const parent = newTrace(true);
  assert.deepEqual(runTrace('u1', 1, formatTraceparent(parent)), { parent, context: experimentContext('u1', parent) });
  assert.deepEqual(runTrace('u1', 1, 'yesterday'), { parent: null, context: experimentContext('u1') });
  assert.deepEqual(runTrace('u1', 1, undefined), { parent: null, context: experimentContext('u1') });
});

test('each start of an interrupted run is a span of its own in one trace', () => {
  const [first, second, third] = [1, 2, 3].map((start) => runTrace('u1', start, undefined).context);
  assert.equal(new Set([first, second, third].map((context) => context?.spanId)).size, 3);
  assert.equal(new Set([first, second, third].map((context) => context?.traceId)).size, 1);
});

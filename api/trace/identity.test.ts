import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatTraceparent, newTrace, parseTraceparent } from './context.ts';
import { experimentContext, visitContext } from './identity.ts';

test('every part of the tool names the same span of an experiment, and of an attempt at a visit', () => {
  assert.deepEqual(experimentContext('u1'), experimentContext('u1'));
  assert.deepEqual(visitContext('u1', 'aa-0', 1), visitContext('u1', 'aa-0', 1));
  const contexts = [experimentContext('u1'), experimentContext('u2'), visitContext('u1', 'aa-0', 1)];
  contexts.push(visitContext('u1', 'aa-0', 0), visitContext('u1', 'aa-1', 0), visitContext('u2', 'aa-0', 0));
  assert.equal(new Set(contexts.map(({ traceId }) => traceId)).size, contexts.length);
  for (const context of contexts) assert.deepEqual(parseTraceparent(formatTraceparent(context)), context);
});

test('an experiment that is part of something larger lies in its trace, as a span of its own', () => {
  const parent = { ...newTrace(false) };
  const { traceId, spanId, sampled } = experimentContext('u1', parent);
  assert.deepEqual({ traceId, sampled }, { traceId: parent.traceId, sampled: false });
  assert.equal(spanId, experimentContext('u1').spanId);
});

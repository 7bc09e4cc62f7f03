import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatTraceparent, newTrace } from '../api/trace/context.ts';
import { experimentContext } from '../api/trace/identity.ts';
import { experimentSpan } from './trace.ts';

const scope = { cluster: 'c', namespace: 'n', uid: 'u1' };

test('a worker names the span that its configuration says, else the one that follows from the UID', () => {
  const given = newTrace(false);
  assert.deepEqual(experimentSpan({ scope, traceparent: formatTraceparent(given) }), given);
  assert.deepEqual(experimentSpan({ scope, traceparent: undefined }), experimentContext('u1'));
});

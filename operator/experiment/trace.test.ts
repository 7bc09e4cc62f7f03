import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatTraceparent, newTrace } from '../../api/trace/context.ts';
import { experimentContext } from '../../api/trace/identity.ts';
import type { Experiment } from './experiment.ts';
import { traceOf } from './trace.ts';

function object(annotations?: Readonly<Record<string, string>>): Experiment {
  const metadata = { name: 'n', uid: 'u1', resourceVersion: '1', creationTimestamp: '2026-01-31T12:00:00Z' };
  return { apiVersion: '', kind: '', metadata: { ...metadata, ...(annotations && { annotations }) }, spec: {} };
}

test('an annotation says what the experiment is part of', () => {
  const parent = newTrace(true);
  const found = traceOf(object({ 'splitlab.dev/traceparent': ` ${formatTraceparent(parent)}\n` }));
  assert.deepEqual(found, { context: experimentContext('u1', parent), parent, ignored: null });
});

test('without one, or with one that nobody can read, the experiment has a trace of its own', () => {
  const own = { context: experimentContext('u1'), parent: null };
  assert.deepEqual(traceOf(object()), { ...own, ignored: null });
  assert.deepEqual(traceOf(object({ 'splitlab.dev/traceparent': '00-0' })), { ...own, ignored: '00-0' });
});

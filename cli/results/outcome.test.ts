import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reasons } from '../../api/status/reasons.ts';
import { describeStatus, incompleteReasons, mistakenReasons, outcomeStatus } from './outcome.ts';

const condition = (status: 'True' | 'False', reason: string) => ({
  type: 'Succeeded',
  status,
  reason,
  message: '',
  lastTransitionTime: '2026-01-01T00:00:00Z',
});

test('every reason that has an exit status of its own is one that the operator gives', () => {
  for (const reason of [...incompleteReasons, ...mistakenReasons]) assert.ok(reason in reasons.Succeeded, reason);
});

test('the exit status tells how an experiment ended', () => {
  assert.equal(outcomeStatus(condition('True', 'Completed')), 0);
  assert.equal(outcomeStatus(condition('True', 'CompletedWithRejections')), 1);
  assert.equal(outcomeStatus(condition('False', 'VisitsFailed')), 1);
  assert.equal(outcomeStatus(condition('False', 'ModelInvalid')), 2);
  assert.equal(outcomeStatus(condition('False', 'MachinesDiffer')), 3);
  assert.equal(outcomeStatus(null), 3);
  assert.equal(describeStatus(null), 'the operator has not looked at it yet');
  assert.equal(describeStatus({ conditions: [condition('False', 'ModelInvalid')] }), 'ModelInvalid');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ConditionType, conditionMeanings, reasonOf, reasonOfFatalCode, reasons } from './reasons.ts';
import { experimentStatusSchema } from './status.ts';

const all = Object.entries(reasons).flatMap(([type, table]) =>
  Object.keys(table).map((reason) => ({ type: type as ConditionType, reason })),
);

test('every reason has the form that the status asks for, and says what it means', () => {
  for (const { type, reason } of all) {
    const { status, meaning } = reasonOf(type, reason as never);
    const condition = { type, status, reason, message: meaning, lastTransitionTime: '2026-01-31T12:00:00Z' };
    assert.ok(experimentStatusSchema.safeParse({ conditions: [condition] }).success, `${type} ${reason}`);
    assert.match(meaning, /^[A-Z].*\.$/);
  }
  assert.deepEqual(Object.keys(conditionMeanings), Object.keys(reasons));
});

test('whatever is amiss has a remedy', () => {
  const quiet = all.filter(({ type, reason }) => {
    const { status, remedy } = reasonOf(type, reason as never);
    return type === 'Succeeded' && status === 'False' && remedy === undefined;
  });
  assert.deepEqual(quiet, []);
});

test('an experiment is over exactly when it succeeded or failed', () => {
  for (const { type, reason } of all) {
    const { status, terminal = false } = reasonOf(type, reason as never);
    assert.equal(terminal, type === 'Succeeded' && status !== 'Unknown', `${type} ${reason}`);
  }
});

test('the code of a worker becomes the reason, if it is one that workers give', () => {
  assert.equal(reasonOfFatalCode('ModelInvalid'), 'ModelInvalid');
  assert.equal(reasonOfFatalCode('Completed'), 'WorkerFailed');
  assert.equal(reasonOfFatalCode('constructor'), 'WorkerFailed');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReasonTable } from './reasons/reason.ts';
import { conditionMeanings, conditionTypes, reasonOfFatalCode, reasons } from './reasons.ts';
import { experimentStatusSchema } from './status.ts';

const all = conditionTypes.flatMap((type) => {
  const table: ReasonTable = reasons[type];
  return Object.entries(table).map(([reason, entry]) => ({ type, reason, ...entry }));
});

test('every reason has the form that the status asks for, and says what it means', () => {
  for (const { type, reason, status, meaning } of all) {
    const condition = { type, status, reason, message: meaning, lastTransitionTime: '2026-01-31T12:00:00Z' };
    assert.ok(experimentStatusSchema.safeParse({ conditions: [condition] }).success, `${type} ${reason}`);
    assert.match(meaning, /^[A-Z].*\.$/);
  }
  assert.deepEqual(Object.keys(conditionMeanings), [...conditionTypes]);
});

test('whatever is amiss has a remedy', () => {
  const quiet = all.filter(({ type, status, remedy }) => type === 'Succeeded' && status === 'False' && !remedy);
  assert.deepEqual(quiet, []);
});

test('an experiment is over exactly when it succeeded or failed', () => {
  for (const { type, reason, status, terminal = false } of all) {
    assert.equal(terminal, type === 'Succeeded' && status !== 'Unknown', `${type} ${reason}`);
  }
});

test('the code of a worker becomes the reason, if it is one that workers give', () => {
  assert.equal(reasonOfFatalCode('ModelInvalid'), 'ModelInvalid');
  assert.equal(reasonOfFatalCode('Completed'), 'WorkerFailed');
  assert.equal(reasonOfFatalCode('constructor'), 'WorkerFailed');
});

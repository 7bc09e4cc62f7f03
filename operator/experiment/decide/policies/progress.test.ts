import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conditionText, measured, podFixture, ready, runningFixture } from '../../testing/observed.ts';
import { decide } from '../decide.ts';
import { urgencyOf } from '../urgency.ts';

const pods = [podFixture('local', { status: ready }), podFixture('remote', { status: ready })];
const plan = { digest: `sha256:${'0'.repeat(64)}`, total: 10, warnings: ['200 of 300 cuts'] };

test('the plan is told once, with its warnings', () => {
  const before = runningFixture({ pods });
  const decision = decide({ ...before, progress: measured(0, { plan }) });
  assert.deepEqual(decision.events, [
    { type: 'Normal', reason: 'Planned', message: '10 visits are to be measured' },
    { type: 'Warning', reason: 'PlanWarnings', message: '200 of 300 cuts' },
  ]);
  assert.equal(conditionText(decision, 'Succeeded'), 'Unknown Running: 0 of 10 visits are final');
  assert.equal(urgencyOf(before.status, decision.status), 'Now');
  const next = decide({ ...before, status: decision.status, progress: measured(1) });
  assert.deepEqual(next.events, []);
  assert.deepEqual(next.status.visits, { total: 10, completed: 1, rejected: 0, failed: 0 });
  assert.equal(next.status.summary?.progress, '1/10');
  assert.equal(urgencyOf(decision.status, next.status), 'Later');
  assert.equal(urgencyOf(next.status, next.status), 'Never');
});

test('each quarter of the way is told once', () => {
  const running = runningFixture({ pods });
  let { status } = decide({ ...running, progress: measured(0) });
  const told: number[] = [];
  for (let final = 1; final <= 9; final++) {
    const decision = decide({ ...running, status, progress: measured(final) });
    if (decision.events.some(({ reason }) => reason === 'Progress')) told.push(final);
    status = decision.status;
  }
  assert.deepEqual(told, [3, 5, 8]);
});

test('what the records said stays while they cannot be read', () => {
  const running = runningFixture({ pods });
  const { status } = decide({ ...running, progress: measured(4) });
  const blind = decide({ ...running, status, progress: null, storeProblem: 'no answer' });
  assert.deepEqual(blind.status.visits, status.visits);
  assert.match(conditionText(blind, 'ResultsStored'), /^Unknown StoreUnavailable: no answer/);
  assert.match(
    conditionText(decide({ ...running, status: blind.status, progress: measured(4) }), 'ResultsStored'),
    /^False Measuring/,
  );
});

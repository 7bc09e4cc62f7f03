import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  conditionText,
  ended,
  measured,
  observedFixture,
  podFixture,
  resultsFixture,
  runningFixture,
  secondsAfter,
  start,
} from '../../testing/observed.ts';
import { outcomeOf } from '../../testing/outcome.ts';
import { decide } from '../decide.ts';

const pods = [podFixture('local', { status: ended(0) })];
const end = decide(runningFixture({ pods, progress: measured(10), results: resultsFixture(10) }));
const later = { now: secondsAfter(start, 3_600), status: end.status };

test('the store that the results went into is remembered', () => {
  assert.equal(end.status.storeId, 'a1');
  assert.deepEqual(decide(observedFixture(later)).status, end.status);
});

test('another store is read before anything is said of it', () => {
  const wanted = { readResults: true, stored: 'Stored', events: [] };
  assert.deepEqual(outcomeOf(decide(observedFixture({ ...later, storeId: 'b2' })), wanted), wanted);
});

test('results that are not in it are lost, which is said once', () => {
  const decision = decide(observedFixture({ ...later, storeId: 'b2', results: resultsFixture(3) }));
  const wanted = { stored: 'ResultsLost', succeeded: 'Completed', events: ['ResultsLost'], readResults: false };
  assert.deepEqual(outcomeOf(decision, wanted), wanted);
  assert.match(conditionText(decision, 'ResultsStored'), /^False ResultsLost: .*3 of 10 final visits/);
  const again = decide(observedFixture({ ...later, status: decision.status, storeId: 'b2' }));
  assert.deepEqual(outcomeOf(again, { events: [], readResults: false }), { events: [], readResults: false });
  assert.deepEqual(again.status, decision.status);
});

test('one that was put back from a copy holds them, and nothing is said', () => {
  const decision = decide(observedFixture({ ...later, storeId: 'b2', results: resultsFixture(10) }));
  const wanted = { stored: 'Stored', events: [] };
  assert.deepEqual(outcomeOf(decision, wanted), wanted);
  assert.equal(decision.status.storeId, 'b2');
});

test('while the store is away, or cannot be read, nothing is lost', () => {
  for (const away of [{ storeId: null }, { storeId: 'b2', storeProblem: 'no answer' }]) {
    assert.deepEqual(decide(observedFixture({ ...later, ...away })).status, end.status);
  }
});

test('an experiment that goes on tells that it measures again what the new store does not hold', () => {
  const before = decide(runningFixture({ progress: measured(4) })).status;
  const decision = decide(runningFixture({ status: before, progress: measured(0), storeId: 'b2' }));
  assert.deepEqual(
    decision.events.map(({ reason, type }) => [reason, type]),
    [['StoreReplaced', 'Warning']],
  );
  assert.equal(decision.status.storeId, 'b2');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  conditionText,
  observedFixture,
  secondsAfter,
  specFixture,
  start,
  startedStatus,
} from '../../testing/observed.ts';
import { outcomeOf } from '../../testing/outcome.ts';
import { decide } from '../decide.ts';

test('a new experiment has its pods in the status, and made, in one decision', () => {
  const decision = decide(observedFixture());
  const wanted = {
    succeeded: 'WorkersStarting',
    workers: 'Creating',
    stored: 'Measuring',
    create: ['quick-0-local-0', 'quick-0-remote-0'],
    remove: [],
    events: ['Started'],
  };
  assert.deepEqual(outcomeOf(decision, wanted), wanted);
  const { status } = decision;
  assert.deepEqual(status.lanes, [
    { name: '0', podAttempt: 0, localPod: 'quick-0-local-0', remotePod: 'quick-0-remote-0' },
  ]);
  assert.deepEqual([status.startTime, status.activeSince], ['2026-01-31T12:00:00Z', '2026-01-31T12:00:00Z']);
  assert.equal(conditionText(decision, 'Isolated').split(':')[0], 'True OwnCredentials');
  assert.equal(status.observedGeneration, 1);
  assert.equal(status.summary?.model, 'DigitsCnn');
});

test('each lane has two pods', () => {
  const { create } = decide(observedFixture({ spec: specFixture({ lanes: 2 }) }));
  assert.deepEqual(
    create.map(({ name }) => name),
    ['quick-0-local-0', 'quick-0-remote-0', 'quick-1-local-0', 'quick-1-remote-0'],
  );
});

test('shared credentials are said to be so', () => {
  const decision = decide(observedFixture({ isolated: false }));
  assert.match(conditionText(decision, 'Isolated'), /^False SharedCredentials/);
});

test('the start waits for the store', () => {
  const decision = decide(observedFixture({ storeProblem: 'nats://x does not answer' }));
  const wanted = { succeeded: 'Pending', workers: 'StoreUnavailable', create: [], events: [] };
  assert.deepEqual(outcomeOf(decision, wanted), wanted);
  assert.equal(decision.status.startTime, undefined);
  assert.match(conditionText(decision, 'Succeeded'), /nats:\/\/x does not answer/);
});

test('a manifest with mistakes is refused with path, value and remedy, once', () => {
  const message = 'spec.lanes: 0 is too small; write a whole number from 1 to 64';
  const spec = { ok: false, reason: 'InvalidSpec', message } as const;
  const decision = decide(observedFixture({ spec }));
  const wanted = { succeeded: 'InvalidSpec', create: [], events: ['InvalidSpec'], over: false };
  assert.deepEqual(outcomeOf(decision, wanted), wanted);
  assert.equal(conditionText(decision, 'Stalled'), `True Failed: ${message}`);
  const again = decide(observedFixture({ spec, status: decision.status, now: secondsAfter(start, 60) }));
  assert.deepEqual(again.status, decision.status);
  assert.deepEqual(again.events, []);
});

test('an annotation that is no traceparent is told once, and keeps nothing from starting', () => {
  const ignoredTraceparent = `00-${'x'.repeat(500)}`;
  const decision = decide(observedFixture({ ignoredTraceparent }));
  assert.deepEqual(
    decision.events.map(({ type, reason }) => `${type} ${reason}`),
    ['Normal Started', 'Warning TraceparentIgnored'],
  );
  assert.match(decision.events[1]?.message ?? '', /splitlab\.dev\/traceparent"\] is "00-x{77}", which is no W3C/);
  assert.deepEqual(decide(observedFixture({ ignoredTraceparent, status: decision.status })).events, []);
});

test('a manifest that was mended starts', () => {
  const spec = { ok: false, reason: 'Unsupported', message: 'spec.model.http: later' } as const;
  const { status } = decide(observedFixture({ spec }));
  const decision = decide(observedFixture({ status }));
  const wanted = { succeeded: 'WorkersStarting', create: ['quick-0-local-0', 'quick-0-remote-0'] };
  assert.deepEqual(outcomeOf(decision, wanted), wanted);
  assert.match(conditionText(decision, 'Stalled'), /^False NotStalled/);
});

test('a spec that changed after the start ends the experiment', () => {
  const status = startedStatus();
  const spec = specFixture({ backoffLimit: 7 });
  assert.equal(decide(observedFixture({ status, spec })).readResults, true);
  const results = { total: null, visits: { completed: 0, rejected: 0, failed: 0 }, figures: { best: [], pareto: [] } };
  const wanted = { succeeded: 'SpecChanged', stored: 'NoResults', over: true };
  assert.deepEqual(outcomeOf(decide(observedFixture({ status, spec, results })), wanted), wanted);
});

test('what may change after the start does', () => {
  const status = startedStatus();
  for (const members of [
    { suspend: true },
    { ttlSecondsAfterFinished: 5 },
    { results: { deletionPolicy: 'Retain' } },
  ]) {
    assert.equal(decide(observedFixture({ status, spec: specFixture(members) })).readResults, false);
  }
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  conditionText,
  ended,
  measured,
  observedFixture,
  podFixture,
  ready,
  resultsFixture,
  runningFixture,
  secondsAfter,
  specFixture,
  start,
  startedStatus,
} from '../../testing/observed.ts';
import { outcomeOf } from '../../testing/outcome.ts';
import { decide } from '../decide.ts';

const done = [podFixture('local', { status: ended(0) }), podFixture('remote', { status: ready })];
const names = done.map(({ metadata }) => metadata.name);

test('the end waits until results are read back, and pods stay until then', () => {
  const decision = decide(runningFixture({ pods: done, progress: measured(10) }));
  const wanted = { readResults: true, remove: [], stored: 'Reading', over: false };
  assert.deepEqual(outcomeOf(decision, wanted), wanted);
});

const verdicts = [
  {
    name: 'every visit accepted',
    counts: {},
    completed: 10,
    succeeded: `True Completed: 10 visits accepted; best conv1 with a median of 12.3ms over link none, trace ${'f'.repeat(32)}`,
  },
  {
    name: 'some rejected',
    counts: { rejected: 2 },
    completed: 8,
    succeeded: `True CompletedWithRejections: 8 visits accepted, 2 rejected; best conv1 with a median of 12.3ms over link none, trace ${'f'.repeat(32)}`,
  },
  {
    name: 'some failed',
    counts: { rejected: 1, failed: 1 },
    completed: 8,
    succeeded: `False VisitsFailed: 8 visits accepted, 1 rejected, 1 failed; best conv1 with a median of 12.3ms over link none, trace ${'f'.repeat(32)}`,
  },
];
for (const { name, counts, completed, succeeded } of verdicts) {
  test(`the end: ${name}`, () => {
    const results = resultsFixture(completed, counts);
    const decision = decide(runningFixture({ pods: done, progress: measured(10), results }));
    assert.equal(conditionText(decision, 'Succeeded'), succeeded);
    assert.match(conditionText(decision, 'ResultsStored'), /^True Stored: 10 of 10 visits/);
    assert.match(conditionText(decision, 'Reconciling'), /^False Finished/);
    const wanted = { workers: 'Finished', remove: names, over: true };
    assert.deepEqual(outcomeOf(decision, wanted), wanted);
    assert.equal(decision.status.summary?.bestCut, 'conv1');
    assert.equal(decision.status.summary?.progress, '10/10');
  });
}

test('fewer records read back than seen: it goes on', () => {
  const decision = decide(runningFixture({ pods: done, progress: measured(10), results: resultsFixture(9) }));
  const wanted = { remove: [], over: false };
  assert.deepEqual(outcomeOf(decision, wanted), wanted);
});

test('a local worker still at its last words is waited for; one that is lost is not', () => {
  const busy = [podFixture('local', { status: ready }), podFixture('remote', { status: ready })];
  assert.equal(decide(runningFixture({ pods: busy, progress: measured(10) })).readResults, false);
  assert.equal(decide(runningFixture({ pods: [], progress: measured(10) })).readResults, true);
});

test('while the store is away nothing ends', () => {
  const storeProblem = 'no answer';
  const decision = decide(runningFixture({ pods: done, progress: measured(10), storeProblem }));
  const wanted = { stored: 'StoreUnavailable', remove: [], over: false, readResults: false };
  assert.deepEqual(outcomeOf(decision, wanted), wanted);
});

test('an experiment that is over costs nothing', () => {
  const { status } = decide(runningFixture({ pods: done, progress: measured(10), results: resultsFixture(10) }));
  const later = observedFixture({
    status,
    now: secondsAfter(start, 9e6),
    experiment: { name: 'quick', namespace: 'lab', uid: 'u1', generation: 9 },
  });
  const decision = decide(later);
  assert.equal(decision.status, status);
  assert.deepEqual([decision.create, decision.remove, decision.events, decision.lookAgainAt], [[], [], [], null]);
  // Killed before the pods went: they go now.
  assert.deepEqual(outcomeOf(decide({ ...later, pods: done }), { remove: [] }), { remove: names });
});

test('its time to live over, the object goes', () => {
  const { status } = decide(runningFixture({ pods: done, progress: measured(10), results: resultsFixture(10) }));
  const now = secondsAfter(start, 120);
  const early = decide(observedFixture({ status, now, ttlSeconds: 100 }));
  assert.deepEqual([early.expired, early.lookAgainAt], [false, secondsAfter(start, 160)]);
  assert.equal(decide(observedFixture({ status, now: secondsAfter(start, 160), ttlSeconds: 100 })).expired, true);
  assert.equal(decide(observedFixture({ status: startedStatus(), now, ttlSeconds: 0 })).expired, false);
});

const limited = specFixture({ activeDeadlineSeconds: 100 });
test('a deadline is looked at when it is over, and ends the experiment with what it has', () => {
  const pods = [podFixture('local', { status: ready }), podFixture('remote', { status: ready })];
  const running = { spec: limited, pods, progress: measured(4) };
  assert.deepEqual(decide(runningFixture(running)).lookAgainAt, secondsAfter(start, 100));
  const late = runningFixture({ ...running, now: secondsAfter(start, 100) });
  assert.deepEqual(outcomeOf(decide(late), { remove: [], readResults: true }), { remove: [], readResults: true });
  const decision = decide({ ...late, results: resultsFixture(4) });
  const wanted = {
    succeeded: 'DeadlineExceeded',
    stored: 'StoredPartly',
    remove: pods.map(({ metadata }) => metadata.name),
    over: true,
  };
  assert.deepEqual(outcomeOf(decision, wanted), wanted);
});

test('what is complete at the deadline is complete', () => {
  const late = runningFixture({ spec: limited, pods: done, progress: measured(10), now: secondsAfter(start, 200) });
  const wanted = { succeeded: 'Completed' };
  assert.deepEqual(outcomeOf(decide({ ...late, results: resultsFixture(10) }), wanted), wanted);
});

for (const [state, pods] of [
  ['missing', []],
  ['pending', [podFixture('local'), podFixture('remote')]],
  ['crashed', [podFixture('local', { status: ended(1) }), podFixture('remote', { status: ready })]],
  ['going', [podFixture('local', { deleting: true }), podFixture('remote', { deleting: true })]],
] as const) {
  test(`past the deadline with pods ${state}: over`, () => {
    const late = runningFixture({ spec: limited, pods, now: secondsAfter(start, 100), results: resultsFixture(0) });
    const wanted = {
      succeeded: 'DeadlineExceeded',
      create: [],
      remove: pods
        .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
        .map(({ metadata }) => metadata.name),
    };
    assert.deepEqual(outcomeOf(decide(late), wanted), wanted);
  });
  test(`suspended with pods ${state}: they go`, () => {
    const wanted = {
      succeeded: 'Suspended',
      workers: 'Suspended',
      create: [],
      remove: pods
        .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
        .map(({ metadata }) => metadata.name),
      events: ['Suspended'],
      over: false,
    };
    assert.deepEqual(
      outcomeOf(
        decide(runningFixture({ spec: specFixture({ suspend: true }), status: startedStatus(), pods })),
        wanted,
      ),
      wanted,
    );
  });
}

test('suspended time counts for no deadline, and the pods that come back have a higher attempt', () => {
  const suspend = specFixture({ activeDeadlineSeconds: 100, suspend: true });
  const status = startedStatus(limited);
  const quiet = decide(runningFixture({ spec: suspend, status, now: secondsAfter(start, 60) })).status;
  assert.deepEqual([quiet.activeSeconds, quiet.activeSince], [60, undefined]);
  assert.deepEqual(decide(runningFixture({ spec: suspend, status: quiet, now: secondsAfter(start, 5000) })).events, []);
  const resumed = decide(
    runningFixture({ spec: limited, status: quiet, now: secondsAfter(start, 5000), progress: null }),
  );
  const wanted = { succeeded: 'WorkersStarting', create: ['quick-0-local-1', 'quick-0-remote-1'], events: ['Resumed'] };
  assert.deepEqual(outcomeOf(resumed, wanted), wanted);
  const later = runningFixture({ spec: limited, status: resumed.status, now: secondsAfter(start, 5039) });
  assert.equal(decide(later).readResults, false);
  assert.equal(decide({ ...later, now: secondsAfter(start, 5040) }).readResults, true);
});

test('suspended from the beginning: nothing starts', () => {
  const decision = decide(observedFixture({ spec: specFixture({ suspend: true }) }));
  const wanted = { succeeded: 'Suspended', create: [], events: [] };
  assert.deepEqual(outcomeOf(decision, wanted), wanted);
  assert.equal(decision.status.startTime, undefined);
});

test('lanes may change while it is suspended; those that are no more keep their numbers', () => {
  const two = specFixture({ lanes: 2 });
  const status = startedStatus(two);
  const { activeSince: _, ...quiet } = status;
  const one = decide(runningFixture({ spec: specFixture({ lanes: 1 }), status: quiet, progress: null }));
  assert.deepEqual(
    one.create.map(({ name }) => name),
    ['quick-0-local-1', 'quick-0-remote-1'],
  );
  assert.deepEqual(
    one.status.lanes?.map(({ podAttempt }) => podAttempt),
    [1, 0],
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ExperimentStatus } from '../../../../api/status/status.ts';
import {
  conditionText,
  ended,
  measured,
  podFixture,
  progressFixture,
  ready,
  runningFixture,
  secondsAfter,
  specFixture,
  start,
  startedStatus,
  unschedulable,
  waits,
} from '../../testing/observed.ts';
import { type Outcome, outcomeOf } from '../../testing/outcome.ts';
import { decide } from '../decide.ts';
import type { Observed } from '../observed.ts';

const remote = podFixture('remote', { status: ready });
const withLocal = (changes: Parameters<typeof podFixture>[1]) => [podFixture('local', changes), remote];

function lane(members: object): ExperimentStatus {
  const status = startedStatus();
  return { ...status, lanes: (status.lanes ?? []).map((one) => ({ ...one, ...members })) };
}

interface Case {
  readonly name: string;
  readonly observed: Partial<Observed>;
  readonly wanted: Outcome;
  /** What the condition WorkersReady says. */
  readonly says?: RegExp;
}

const nothing = { create: [], remove: [] };
const second = { create: ['quick-0-local-1'], remove: [], events: ['WorkerReplaced'] };

const cases: readonly Case[] = [
  {
    name: 'missing, never made: it is made',
    observed: { pods: [remote] },
    wanted: { create: ['quick-0-local-0'], workers: 'Creating' },
  },
  {
    name: 'missing after a restart: the records are read first',
    observed: { pods: [remote], progress: null },
    wanted: nothing,
  },
  {
    name: 'missing, and seen before: another takes its place',
    observed: { pods: [remote], status: lane({ localSeen: true }) },
    wanted: second,
  },
  {
    name: 'missing, and seen by this process',
    observed: { pods: [remote], seenPods: new Set(['quick-0-local-0']) },
    wanted: second,
  },
  {
    name: 'missing, and announced before: another takes its place',
    observed: { pods: [remote], progress: progressFixture({ announced: new Map([['0/local', 0]]) }) },
    wanted: second,
  },
  { name: 'pending', observed: { pods: withLocal({}) }, wanted: { ...nothing, workers: 'Creating' } },
  {
    name: 'unschedulable: the scheduler is heard',
    observed: { pods: withLocal({ status: unschedulable('0/2 nodes are available: 2 Insufficient nvidia.com/gpu.') }) },
    wanted: { ...nothing, workers: 'Unschedulable', events: ['Unschedulable'] },
    says: /lane 0, local \(quick-0-local-0\): 0\/2 nodes are available: 2 Insufficient nvidia.com\/gpu\./,
  },
  {
    name: 'image pull failing',
    observed: { pods: withLocal({ status: waits('ImagePullBackOff', 'Back-off pulling image') }) },
    wanted: { ...nothing, workers: 'ImagePullFailed' },
    says: /Back-off pulling image/,
  },
  {
    name: 'container creating',
    observed: { pods: withLocal({ status: waits('ContainerCreating', '') }) },
    wanted: { ...nothing, workers: 'Creating' },
  },
  { name: 'both ready', observed: { pods: withLocal({ status: ready }) }, wanted: { ...nothing, workers: 'Ready' } },
  {
    name: 'fetching',
    observed: {
      pods: withLocal({ status: { ...ready, conditions: [], containerStatuses: [] } }),
      progress: progressFixture({
        fetches: [{ lane: 0, side: 'local', what: 'Model', name: 'vgg16', bytes: 120e6, totalBytes: 480e6 }],
      }),
    },
    wanted: { ...nothing, workers: 'Fetching', events: ['Fetching'] },
    says: /model vgg16: 120 MB of 480 MB \(25 %\)/,
  },
  {
    name: 'denied by a quota: said, and not tried again before its time',
    observed: { pods: [remote], obstacles: obstacle('QuotaExceeded', 'exceeded quota: small', 90) },
    wanted: { ...nothing, workers: 'QuotaExceeded' },
    says: /exceeded quota: small/,
  },
  {
    name: 'denied by PodSecurity, time to try again: said until it is made',
    observed: { pods: [remote], obstacles: obstacle('PodSecurityDenied', 'violates PodSecurity "restricted"', 30) },
    wanted: { create: ['quick-0-local-0'], workers: 'PodSecurityDenied' },
  },
  {
    name: 'a foreign pod with our name is left alone',
    observed: { pods: [remote], obstacles: obstacle('NameTaken', 'pod quick-0-local-0 is there already', 90) },
    wanted: { ...nothing, workers: 'NameTaken' },
  },
  { name: 'crashed once: replaced', observed: { pods: withLocal({ status: ended(1, 'boom') }) }, wanted: second },
  {
    name: 'crashed a moment ago: the next one waits',
    observed: { pods: withLocal({ status: ended(1, 'boom') }), now: secondsAfter(start, 30.5) },
    wanted: { ...nothing, workers: 'Restarting' },
    says: /boom/,
  },
  {
    name: 'crashed again without a visit in between: a longer wait',
    observed: {
      pods: withLocal({ status: ended(1, 'boom') }),
      status: lane({ failures: 2 }),
      now: secondsAfter(start, 33),
    },
    wanted: { ...nothing, workers: 'CrashLooping' },
  },
  {
    name: 'crashed again with a visit in between: as if for the first time',
    observed: {
      pods: withLocal({ status: ended(1, 'boom') }),
      status: lane({ failures: 3 }),
      progress: measured(1),
      now: secondsAfter(start, 33),
    },
    wanted: second0('Planned'),
  },
  {
    name: 'crashed too often: over, once results are read',
    observed: { pods: withLocal({ status: ended(1, 'boom') }), status: lane({ failures: 3 }) },
    wanted: { ...nothing, readResults: true, over: false },
  },
  {
    name: 'out of memory: replaced, and the remedy told',
    observed: { pods: withLocal({ status: ended(137, '', 'OOMKilled') }), now: secondsAfter(start, 30.5) },
    wanted: { ...nothing, workers: 'OutOfMemory' },
    says: /limit of 512Mi; raise resources.limits.memory/,
  },
  {
    name: 'evicted',
    observed: { pods: withLocal({ status: { phase: 'Failed', reason: 'Evicted', message: 'low' } }) },
    wanted: second,
  },
  {
    name: 'node lost: the higher attempt at once, the lost pod never by force',
    observed: { pods: withLocal({ status: { ...ready, ...disrupted('DeletionByTaintManager') }, deleting: true }) },
    wanted: second,
  },
  {
    name: 'node silent, pod not evicted yet: waited for',
    observed: { pods: withLocal({ status: { ...ready, conditions: [{ type: 'Ready', status: 'False' }] } }) },
    wanted: { ...nothing, workers: 'NodeLost', events: ['NodeLost'] },
  },
  { name: 'deleted by someone', observed: { pods: withLocal({ status: ready, deleting: true }) }, wanted: second },
  {
    name: 'deleted again and again: spaced out',
    observed: {
      pods: withLocal({ status: ready, deleting: true }),
      status: lane({ replacedAt: '2026-01-31T12:00:55Z' }),
    },
    wanted: { ...nothing, workers: 'Restarting' },
  },
  {
    name: 'failing while the store is away: nothing is counted',
    observed: { pods: withLocal({ status: ended(1) }), status: lane({ failures: 3 }), storeProblem: 'no answer' },
    wanted: { ...nothing, stored: 'StoreUnavailable', over: false },
  },
  {
    name: 'the local worker is done: its remote side is not replaced',
    observed: {
      now: secondsAfter(start, 45),
      pods: [podFixture('local', { status: ended(0) }), podFixture('remote', { status: ended(1) })],
    },
    wanted: nothing,
  },
  {
    name: 'the remote worker ended by itself',
    observed: { pods: [podFixture('local', { status: ready }), podFixture('remote', { status: ended(0) })] },
    wanted: { create: ['quick-0-remote-1'] },
  },
  {
    name: 'the local worker ended though visits are left',
    observed: { pods: withLocal({ status: ended(0) }), progress: measured(9), now: secondsAfter(start, 61) },
    wanted: second0('Planned'),
  },
  {
    name: 'a pod of a newer attempt than the status knows is adopted',
    observed: { pods: [podFixture('local', { podAttempt: 4, status: ready }), remote] },
    wanted: { ...nothing, workers: 'Ready' },
  },
  {
    name: 'pods of older attempts go; the last that ended stays for its log',
    observed: {
      status: lane({ podAttempt: 3, localPod: 'quick-0-local-3' }),
      pods: [
        podFixture('local', { podAttempt: 0, status: ended(1) }),
        podFixture('local', { podAttempt: 1, status: ended(1) }),
        podFixture('local', { podAttempt: 2, status: ready }),
        podFixture('local', { podAttempt: 3, status: ready }),
        remote,
      ],
    },
    wanted: { create: [], remove: ['quick-0-local-0', 'quick-0-local-2'], workers: 'Ready' },
  },
];

for (const { name, observed, wanted, says } of cases) {
  test(`workers: ${name}`, () => {
    const decision = decide(runningFixture(observed));
    assert.deepEqual(outcomeOf(decision, wanted), wanted);
    if (says) assert.match(conditionText(decision, 'WorkersReady'), says);
  });
}

test('volumes that are not mounted are waited for before they are told', () => {
  const conditions = [
    { type: 'PodScheduled', status: 'True' },
    { type: 'PodReadyToStartContainers', status: 'False', lastTransitionTime: start.toISOString() },
  ];
  const pods = [
    podFixture('local', { status: { phase: 'Pending', conditions } }),
    podFixture('remote', { status: ready }),
  ];
  const early = decide(runningFixture({ pods, now: secondsAfter(start, 29) }));
  assert.equal(conditionText(early, 'WorkersReady').split(':')[0], 'False Creating');
  assert.deepEqual(early.lookAgainAt, secondsAfter(start, 30));
  const late = decide(runningFixture({ pods, now: secondsAfter(start, 30) }));
  assert.match(
    conditionText(late, 'WorkersReady'),
    /^False MountFailed: .*on node node-1, without its volumes .* "kubectl describe pod quick-0-local-0"/,
  );
  assert.equal(late.lookAgainAt, null);
  assert.equal(late.events.at(-1)?.reason, 'MountFailed');
});

test('a worker that the store has forgotten is replaced, once the records had time to come', () => {
  const since = { type: 'Ready', status: 'True', lastTransitionTime: start.toISOString() };
  const status = { ...ready, conditions: [since] };
  const pods = [podFixture('local', { status }), podFixture('remote', { status })];
  const progress = progressFixture({ announced: new Map([['0/local', 0]]) });
  const early = decide(runningFixture({ pods, progress, now: secondsAfter(start, 29) }));
  assert.deepEqual([early.create, early.lookAgainAt], [[], secondsAfter(start, 30)]);
  const late = decide(runningFixture({ pods, progress, now: secondsAfter(start, 30) }));
  assert.deepEqual(
    late.create.map(({ name }) => name),
    ['quick-0-remote-1'],
  );
  assert.equal(late.status.lanes?.[0]?.failures, 0);
  const unread = decide(runningFixture({ pods, progress: null, now: secondsAfter(start, 30) }));
  assert.deepEqual(unread.create, []);
});

test('trouble that lasts is told once, and nothing of it is written again', () => {
  const pods = withLocal({ status: unschedulable('no node') });
  const first = decide(runningFixture({ pods }));
  const again = decide(runningFixture({ pods, status: first.status, now: secondsAfter(start, 600) }));
  assert.deepEqual(again.events, []);
  assert.deepEqual(again.status, first.status);
});

test('too many failures in a row end the experiment with the last words', () => {
  const results = { total: null, visits: { completed: 0, rejected: 0, failed: 0 }, figures: { best: [], pareto: [] } };
  const status = lane({ failures: 3 });
  const decision = decide(runningFixture({ pods: withLocal({ status: ended(1, 'boom') }), status, results }));
  const text = conditionText(decision, 'Succeeded');
  assert.equal(
    text,
    'False BackoffLimitExceeded: 4 failures in a row of lane 0, spec.backoffLimit is 3; the last was quick-0-local-0: exit status 1: boom',
  );
  assert.deepEqual(outcomeOf(decision, { remove: [], create: [] }), {
    create: [],
    remove: ['quick-0-local-0', 'quick-0-remote-0'],
  });
});

test('a fatal error ends the experiment with its code as the reason', () => {
  const results = { total: null, visits: { completed: 0, rejected: 0, failed: 0 }, figures: { best: [], pareto: [] } };
  const message = JSON.stringify({ fatal: { code: 'MachinesDiffer', message: 'cores 2 and 4' } });
  const decision = decide(runningFixture({ pods: withLocal({ status: ended(2, message) }), results }));
  assert.equal(conditionText(decision, 'Succeeded'), 'False MachinesDiffer: cores 2 and 4 (pod quick-0-local-0)');
  assert.equal(decision.events.at(-1)?.type, 'Warning');
});

function disrupted(reason: string) {
  return { conditions: [{ type: 'DisruptionTarget', status: 'True', reason, message: 'node lost' }] };
}

function obstacle(reason: 'QuotaExceeded' | 'PodSecurityDenied' | 'NameTaken', message: string, seconds: number) {
  return new Map([['quick-0-local-0', { reason, message, retryAt: secondsAfter(start, seconds) }]]);
}

function second0(...before: string[]): Outcome {
  return { ...second, events: [...before, 'WorkerReplaced'] };
}

test('a planned experiment whose only lane stands is not said to run; with another lane at work it is', () => {
  const pods = withLocal({ podAttempt: 0, status: unschedulable('no node') });
  const one = decide(runningFixture({ pods, progress: measured(4) }));
  assert.match(conditionText(one, 'Succeeded'), /^Unknown WorkersStarting: lane 0, local .*no node/);
  assert.equal(one.status.summary?.progress, '4/10');
  const spec = specFixture({ lanes: 2 });
  const working = (['local', 'remote'] as const).map((side) => podFixture(side, { lane: 1, status: ready }));
  const two = decide(runningFixture({ spec, pods: [...pods, ...working], progress: measured(4) }));
  assert.match(conditionText(two, 'Succeeded'), /^Unknown Running/);
  assert.match(conditionText(two, 'WorkersReady'), /Unschedulable/);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ended, type PodChanges, podFixture, ready, unschedulable, waits } from '../testing/observed.ts';
import { podState } from './pod-state.ts';

interface Case extends PodChanges {
  readonly name: string;
  readonly state: string;
}

const disrupted = (reason: string) => ({
  phase: 'Failed',
  conditions: [{ type: 'DisruptionTarget', status: 'True', reason, message: `by ${reason}` }],
});
const link = (state: object, lastState: object, restartCount: number) => ({
  phase: 'Pending',
  initContainerStatuses: [{ name: 'link', image: 'w', imageID: '', ready: false, restartCount, state, lastState }],
});
const crashed = (message: string) => ({ terminated: { exitCode: message.includes('fatal') ? 2 : 1, message } });
const backOff = { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 10s' } };

const cases: readonly Case[] = [
  { name: 'just made', status: {}, state: 'Waiting Creating: to be scheduled' },
  {
    name: 'unschedulable',
    status: unschedulable('0/2 nodes are available: 2 Insufficient nvidia.com/gpu.'),
    state: 'Waiting Unschedulable: 0/2 nodes are available: 2 Insufficient nvidia.com/gpu.',
  },
  { name: 'creating', status: waits('ContainerCreating', ''), state: 'Waiting Creating: on node node-1' },
  { name: 'no such image', status: waits('ErrImagePull', 'not found'), state: 'Waiting ImagePullFailed: w: not found' },
  {
    name: 'image back-off',
    status: waits('ImagePullBackOff', 'Back-off pulling'),
    state: 'Waiting ImagePullFailed: w: Back-off pulling',
  },
  {
    name: 'bad image name',
    status: waits('InvalidImageName', 'cannot parse'),
    state: 'Waiting ImagePullFailed: w: cannot parse',
  },
  {
    name: 'missing Secret',
    status: waits('CreateContainerConfigError', 'secret "s" not found'),
    state: 'Waiting ReferenceMissing: secret "s" not found',
  },
  {
    name: 'container cannot start',
    status: waits('CreateContainerError', 'no such file'),
    state: 'Waiting Creating: no such file',
  },
  { name: 'ready', status: ready, state: 'Ready' },
  {
    name: 'runs',
    status: { ...ready, conditions: [], containerStatuses: [] },
    state: 'Waiting Connecting: on node node-1',
  },
  { name: 'done', status: ended(0), state: 'Succeeded' },
  { name: 'done, beside a container of the user', status: { ...ended(0), phase: 'Running' }, state: 'Succeeded' },
  {
    name: 'failed',
    status: ended(1, '{"failed":{"code":"WorkerSilent","message":"no answer"}}'),
    state: 'Ended Restarting counted: WorkerSilent: no answer',
  },
  {
    name: 'crashed with its log',
    status: ended(139, 'Segmentation fault\n'),
    state: 'Ended Restarting counted: exit status 139: Segmentation fault',
  },
  { name: 'crashed without a word', status: ended(1), state: 'Ended Restarting counted: exit status 1' },
  {
    name: 'fatal',
    status: ended(2, '{"fatal":{"code":"ModelInvalid","message":"no layer x"}}'),
    state: 'Ended Restarting counted fatal ModelInvalid: ModelInvalid: no layer x',
  },
  {
    name: 'fatal words with another status',
    status: ended(1, '{"fatal":{"code":"ModelInvalid","message":"m"}}'),
    state: 'Ended Restarting counted: ModelInvalid: m',
  },
  { name: 'status 2 without words', status: ended(2), state: 'Ended Restarting counted: exit status 2' },
  {
    name: 'out of memory',
    status: ended(137, '', 'OOMKilled'),
    state:
      'Ended OutOfMemory counted: the worker used more memory than its limit of 512Mi; raise resources.limits.memory',
  },
  {
    name: 'evicted by the kubelet',
    status: { phase: 'Failed', reason: 'Evicted', message: 'low on memory' },
    state: 'Ended Evicted counted: low on memory',
  },
  { name: 'preempted', status: disrupted('PreemptionByScheduler'), state: 'Ended Evicted: by PreemptionByScheduler' },
  { name: 'drained', status: disrupted('EvictionByEvictionAPI'), state: 'Ended Evicted: by EvictionByEvictionAPI' },
  { name: 'node gone', status: disrupted('DeletionByPodGC'), state: 'Ended NodeLost: by DeletionByPodGC' },
  {
    name: 'evicted by taint',
    status: { ...ready, ...disrupted('DeletionByTaintManager') },
    deleting: true,
    state: 'Ended NodeLost: by DeletionByTaintManager',
  },
  {
    name: 'turned away by the node',
    status: { phase: 'Failed', reason: 'OutOfcpu', message: 'no cpu' },
    state: 'Ended Evicted: OutOfcpu: no cpu',
  },
  {
    name: 'node silent',
    status: { ...ready, conditions: [{ type: 'Ready', status: 'False' }] },
    state: 'Waiting NodeLost: node node-1 does not answer',
  },
  { name: 'phase unknown', status: { phase: 'Unknown' }, state: 'Waiting NodeLost: node node-1 does not answer' },
  { name: 'deleted by someone', status: ready, deleting: true, state: 'Ended Restarting: the pod was deleted' },
  {
    name: 'deleted, worker stopped',
    status: ended(143),
    deleting: true,
    state: 'Ended Restarting: the pod was deleted',
  },
  { name: 'deleted after it was done', status: ended(0), deleting: true, state: 'Succeeded' },
  {
    name: 'deleted on a lost node',
    status: { ...ready, reason: 'NodeLost' },
    deleting: true,
    state: 'Ended NodeLost: its node is lost',
  },
  {
    name: 'link crashed once',
    status: link(backOff, crashed('port taken'), 1),
    state: 'Waiting Restarting: container link: back-off 10s',
  },
  {
    name: 'link crashes again and again',
    status: link(backOff, crashed('port taken'), 3),
    state: 'Ended Restarting counted: container link: exit status 1: port taken',
  },
  {
    name: 'link fatal',
    status: link(backOff, crashed('{"fatal":{"code":"BadConfiguration","message":"m"}}'), 1),
    state: 'Ended Restarting counted fatal BadConfiguration: container link: BadConfiguration: m',
  },
];

for (const { name, state, ...changes } of cases) {
  test(`a pod: ${name}`, () => {
    const found = podState(podFixture('local', changes));
    if (found.state === 'Ready' || found.state === 'Succeeded') assert.equal(found.state, state);
    else if (found.state === 'Waiting') assert.equal(`Waiting ${found.reason}: ${found.message}`, state);
    else {
      const words = [
        found.reason,
        ...(found.counted ? ['counted'] : []),
        ...(found.fatal ? [`fatal ${found.fatal.code}`] : []),
      ];
      assert.equal(`Ended ${words.join(' ')}: ${found.message}`, state);
    }
  });
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GaugeName, MetricName } from '../../api/telemetry/metrics.ts';
import { Registry } from '../../meters/registry.ts';
import type { SplitExperimentObject } from '../runtime/resources.ts';
import { observeExperiments } from './experiments.ts';
import { reportsTo } from './report.ts';

const server = new URL('https://api.example:6443');

function read(registry: Registry, name: MetricName): Record<string, number> {
  const series = registry.snapshot().families.find((family) => family.name === name)?.series ?? [];
  return Object.fromEntries(
    series.map(({ attributes, value }) => [
      Object.values(attributes).join(' '),
      typeof value === 'number' ? value : value.count,
    ]),
  );
}

const experiment = (name: string, status?: unknown): SplitExperimentObject => ({
  metadata: { name },
  spec: {},
  ...(status !== undefined && { status }),
});
const withReason = (name: string, reason: string, status: string, visits?: unknown) =>
  experiment(name, { conditions: [{ type: 'Succeeded', status, reason }], visits });

test('experiments are counted by the replica that leads, however many there are', () => {
  const registry = new Registry({});
  let leads = false;
  const running = withReason('a', 'Running', 'Unknown', { total: 9, completed: 4, rejected: 1, failed: 0 });
  const many = Array.from({ length: 1_000 }, (_, index) =>
    withReason(`d${index}`, 'Completed', 'True', { total: 9, completed: 9, rejected: 0, failed: 0 }),
  );
  const others = [experiment('b'), withReason('c', 'MadeUp', 'False'), experiment('e', { conditions: 'none' })];
  observeExperiments(
    registry,
    () => [running, ...many, ...others],
    () => leads,
  );
  const counted = (name: GaugeName) => read(registry, name);
  assert.deepEqual(counted('splitlab.operator.experiments'), {});
  assert.deepEqual(counted('splitlab.operator.leader'), { '': 0 });
  leads = true;
  const reasons = counted('splitlab.operator.experiments');
  assert.deepEqual(
    Object.entries(reasons).filter(([, count]) => count > 0),
    [
      ['Pending', 2],
      ['Running', 1],
      ['Completed', 1_000],
      ['_OTHER', 1],
    ],
  );
  assert.ok(Object.keys(reasons).length < 40);
  assert.deepEqual(counted('splitlab.operator.visits'), { completed: 4, rejected: 1, failed: 0, pending: 4 });
  leads = false;
  assert.deepEqual(counted('splitlab.operator.experiments'), {});
});

test('requests are told by verb, resource and code; paths and statuses that nobody knows are others', () => {
  const registry = new Registry({});
  const { requests } = reportsTo(registry, { tls: false });
  const request = (verb: string, resource: string, outcome: Parameters<typeof requests.request>[2]) =>
    requests.request({ subject: { verb, resource, name: 'n/x' }, method: 'PATCH' }, server, outcome, 12);
  request('apply status of', 'splitexperiments', 200);
  request('apply status of', 'splitexperiments', 409);
  request('apply', 'pods', 'timeout');
  for (let index = 0; index < 50; index++) request(`v${index}`, `/path/${index}`, 599 - index);
  const counts = read(registry, 'splitlab.operator.api.requests');
  assert.equal(counts['apply splitexperiments 200'], 1);
  assert.equal(counts['apply splitexperiments 409'], 1);
  assert.equal(counts['apply pods timeout'], 1);
  assert.ok(Object.keys(counts).length <= 8, Object.keys(counts).join());
  assert.equal(read(registry, 'http.client.request.duration')['PATCH timeout api.example 6443'], 1);
});

test('watches, passes, events and answers of the results API', () => {
  const registry = new Registry({});
  const { informers, controller, results, natsReconnected, observeEvents } = reportsTo(registry, { tls: true });
  informers.watchEnded('pods', 'Gone');
  informers.watchEnded('pods', 'ETEAPOT');
  assert.deepEqual(read(registry, 'splitlab.operator.watch.restarts'), { 'pods Gone': 1, 'pods _OTHER': 1 });
  controller.reconciled('Conflict', 3);
  controller.depth(7);
  controller.retry();
  assert.deepEqual(read(registry, 'splitlab.operator.reconcile.duration'), { Conflict: 1 });
  assert.deepEqual(read(registry, 'splitlab.operator.queue.depth'), { '': 7 });
  observeEvents(() => ({ sent: 3, dropped: 1, filtered: 0 }));
  assert.deepEqual(read(registry, 'splitlab.operator.events'), { sent: 3, dropped: 1, filtered: 0 });
  results.answered({ method: 'GET', route: '/apis/results.splitlab.dev/v1alpha1/experiments', status: 200 }, 4);
  results.answered({ method: 'BREW', route: null, status: 418 }, 4);
  assert.deepEqual(read(registry, 'http.server.request.duration'), {
    'GET 200 /apis/results.splitlab.dev/v1alpha1/experiments https': 1,
    '_OTHER _OTHER https': 1,
  });
  natsReconnected();
  assert.deepEqual(read(registry, 'splitlab.nats.reconnects'), { control: 1 });
});

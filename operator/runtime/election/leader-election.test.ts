import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { test } from 'node:test';
import { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { withControlPlane } from '../../../test/cluster/testing.ts';
import { within } from '../../../test/support/deadline.ts';
import type { Client } from '../client/client.ts';
import type { ConnectionConfig } from '../client/credentials.ts';
import { kubeConfigConnection } from '../client/kube-config.ts';
import { systemClock } from '../clock.ts';
import { connect } from '../connect.ts';
import { leases } from '../resources.ts';
import { TcpProxy } from '../testing/tcp-proxy.ts';
import { LeaderElection, type LeaderElectionOptions } from './leader-election.ts';
import { microTime } from './record.ts';

const { skip, plane } = await withControlPlane();
const times = { leaseDurationMs: 3000, renewDeadlineMs: 2000, retryPeriodMs: 300 };

function config(): ConnectionConfig {
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromFile(plane().kubeconfig);
  return kubeConfigConnection(kubeConfig);
}

/** The one of these that begins first. */
const firstOf = (all: readonly Candidate[]): Promise<Candidate> =>
  within(10_000, 'a leader', Promise.race(all.map((one) => one.began.then(() => one))));

type Candidate = ReturnType<typeof candidate>;

/** A candidate that writes down when it begins and when it is told to stop. */
function candidate(client: Client, name: string, identity: string, more: Partial<LeaderElectionOptions> = {}) {
  const abort = new AbortController();
  const began = Promise.withResolvers<number>();
  const told = Promise.withResolvers<number>();
  const election = new LeaderElection({
    client,
    lease: { namespace: 'default', name },
    identity,
    ...times,
    async onStartedLeading(signal) {
      began.resolve(performance.now());
      if (!signal.aborted) await once(signal, 'abort');
      told.resolve(performance.now());
    },
    ...more,
  });
  return { election, abort, began: began.promise, told: told.promise, ended: election.run(abort.signal) };
}

test('of many candidates one leads; when it stops it gives the lease up and another begins at once', {
  skip,
}, async () => {
  await using client = await connect({ config: config() });
  const all = Array.from({ length: 5 }, (_, i) => candidate(client, 'many', `candidate-${i}`));
  const first = await firstOf(all);
  const held = await client.get(leases, { namespace: 'default', name: 'many' });
  assert.equal(held.spec?.holderIdentity, first.election.identity);
  assert.match(held.spec?.renewTime ?? '', /\.\d{6}Z$/);
  assert.deepEqual(
    all.filter(({ election }) => election.isLeader),
    [first],
  );
  const others = all.filter((one) => one !== first);
  const sinceMs = performance.now();
  first.abort.abort();
  assert.equal(await first.ended, 'Stopped');
  const second = await firstOf(others);
  assert.ok(performance.now() - sinceMs < times.leaseDurationMs, 'nobody had to wait for the lease to end');
  const next = await client.get(leases, { namespace: 'default', name: 'many' });
  assert.equal(next.spec?.leaseTransitions, 1);
  assert.equal(next.spec?.holderIdentity, second.election.identity);
  for (const { abort } of all) abort.abort();
  assert.deepEqual(await Promise.all(all.map(({ ended }) => ended)), Array(5).fill('Stopped'));
});

test('a leader that is cut off from the API stops before another begins', { skip }, async () => {
  await using proxy = await TcpProxy.start(new URL(plane().server));
  await using near = await connect({ config: { ...config(), server: proxy.url } });
  await using far = await connect({ config: config() });
  const cut = candidate(near, 'cut', 'cut-off');
  await within(10_000, 'the first leader', cut.began);
  const other = candidate(far, 'cut', 'other');
  proxy.silence();
  const [toldMs, beganMs] = await within(20_000, 'the second leader', Promise.all([cut.told, other.began]));
  assert.ok(toldMs < beganMs, `told ${toldMs}, another began ${beganMs}`);
  assert.equal(await cut.ended, 'Lost');
  assert.equal(cut.election.isLeader, false);
  assert.throws(() => cut.election.assertLeader(), { code: 'LeadershipLost' });
  other.abort.abort();
  await other.ended;
});

test('one that lost its lease to another notices with its next renewal', { skip }, async () => {
  await using client = await connect({ config: config() });
  const robbed = candidate(client, 'robbed', 'robbed');
  await within(10_000, 'the leader', robbed.began);
  const key = { namespace: 'default', name: 'robbed' };
  await client.patch(leases, key, { spec: { holderIdentity: 'thief', renewTime: microTime(new Date()) } });
  assert.equal(await within(times.renewDeadlineMs, 'the loss', robbed.ended), 'Lost');
});

test('the lease is renewed while the work winds down, and given up only then', { skip }, async () => {
  await using client = await connect({ config: config() });
  const events = new EventEmitter();
  const slow = candidate(client, 'slow', 'slow', {
    async onStartedLeading(signal) {
      await once(signal, 'abort').catch(() => {});
      events.emit('stopping');
      await once(events, 'end');
    },
  });
  while (!slow.election.isLeader) await systemClock.sleep(10, new AbortController().signal);
  const stopping = once(events, 'stopping');
  slow.abort.abort();
  await stopping;
  const key = { namespace: 'default', name: 'slow' };
  const before = await client.get(leases, key);
  const renewed = async (): Promise<void> => {
    const from = before.metadata.resourceVersion;
    const watch = {
      namespace: 'default',
      resourceVersion: from,
      timeoutSeconds: 10,
      signal: AbortSignal.timeout(5000),
    };
    for await (const event of client.watch(leases, { ...watch, fieldSelector: 'metadata.name=slow' })) {
      if (event.type === 'MODIFIED') return assert.equal(event.object.spec?.holderIdentity, 'slow');
    }
  };
  await renewed();
  events.emit('end');
  assert.equal(await slow.ended, 'Stopped');
  assert.equal((await client.get(leases, key)).spec?.holderIdentity, undefined);
});

test('work that fails ends the leadership and its error comes out', { skip }, async () => {
  await using client = await connect({ config: config() });
  const failing = candidate(client, 'failing', 'failing', {
    onStartedLeading: () => Promise.reject(new Error('broken')),
  });
  await assert.rejects(failing.ended, /broken/);
  assert.equal((await client.get(leases, { namespace: 'default', name: 'failing' })).spec?.holderIdentity, undefined);
});

test('times that leave no room to renew are refused', async () => {
  await using client = await connect({
    config: {
      server: new URL('https://127.0.0.1:1'),
      proxy: null,
      namespace: '',
      credentials: async () => ({ headers: {}, tls: {} }),
    },
  });
  const options = { client, lease: { namespace: 'a', name: 'b' }, onStartedLeading: async () => {} };
  assert.throws(() => new LeaderElection({ ...options, renewDeadlineMs: 15_000 }), RangeError);
  assert.throws(() => new LeaderElection({ ...options, retryPeriodMs: 9000 }), RangeError);
  assert.equal(microTime(new Date('2026-01-02T03:04:05.006Z')), '2026-01-02T03:04:05.006000Z');
});

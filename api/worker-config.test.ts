import assert from 'node:assert/strict';
import { test } from 'node:test';
import { natsServers } from './nats-url.ts';
import { linkConfigIn, workerConfigIn, workerConfigSchema } from './worker-config.ts';

const file = {
  experiment: { name: 'e', namespace: 'n' },
  scope: { cluster: 'c', namespace: 'n', uid: 'u' },
  nats: { url: 'nats://nats.default:4222', credentialsFile: '/etc/splitlab/nats.creds' },
  manifest: {
    apiVersion: 'splitlab.dev/v1alpha1',
    kind: 'SplitExperiment',
    metadata: { name: 'e' },
    spec: { model: { zoo: 'DigitsCnn' } },
  },
  model: null,
};

test('one file serves several pods: lane and podAttempt come from the environment', () => {
  const environment = { SPLITLAB_LANE: '3', SPLITLAB_POD_ATTEMPT: '12' };
  const config = workerConfigIn(environment).parse(file);
  assert.deepEqual([config.lane, config.podAttempt, config.folder, config.binds], [3, 12, '/', {}]);
  assert.equal(linkConfigIn(environment).parse(file).lane, 3);
  const placed = workerConfigIn(environment).parse({ ...file, lane: 0, podAttempt: 1000 });
  assert.deepEqual([placed.lane, placed.podAttempt], [0, 1000]);
});

test('a worker without a place is refused', () => {
  for (const environment of [{}, { SPLITLAB_LANE: '1' }, { SPLITLAB_LANE: '0', SPLITLAB_POD_ATTEMPT: '-1' }]) {
    assert.match(workerConfigIn(environment).safeParse(file).error?.message ?? '', /SPLITLAB_POD_ATTEMPT/);
  }
  assert.match(linkConfigIn({}).safeParse(file).error?.message ?? '', /SPLITLAB_LANE/);
});

test('NATS is reached with a login or with a credentials file, never with both', () => {
  const login = { url: 'nats://127.0.0.1:4222', user: 'u', password: 'secret' };
  assert.ok(workerConfigSchema.safeParse({ ...file, nats: login }).success);
  for (const nats of [{ ...login, credentialsFile: 'f' }, { url: login.url }, { ...login, url: 'http://secret' }]) {
    const { error } = workerConfigSchema.safeParse({ ...file, nats });
    assert.ok(error);
    assert.ok(!error.message.includes('secret'));
  }
});

test('an address names one server or several', () => {
  assert.deepEqual(natsServers('nats://a, tls://[::1]:5222'), [
    { host: 'a', port: 4222, secure: false },
    { host: '::1', port: 5222, secure: true },
  ]);
  for (const wrong of ['', 'a:4222', 'ws://a', 'nats://', 'nats://a,']) assert.equal(natsServers(wrong), null, wrong);
});

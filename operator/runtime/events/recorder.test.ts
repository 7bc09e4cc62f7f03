import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CoreV1Event } from '@kubernetes/client-node';
import { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { withControlPlane } from '../../../test/cluster/testing.ts';
import { within } from '../../../test/support/deadline.ts';
import { loopbackCertificate } from '../../../test/support/loopback-certificate.ts';
import { kubeConfigConnection } from '../client/kube-config.ts';
import { connect } from '../connect.ts';
import { configMaps, events } from '../resources.ts';
import { answerJson, answerStatus, pod } from '../testing/answers.ts';
import { TestApiServer } from '../testing/api-server.ts';
import { FakeClock, recordingClock } from '../testing/fake-clock.ts';
import type { Wire } from '../wire.ts';
import { Correlator } from './correlator.ts';
import { EventRecorder } from './recorder.ts';

const { skip, plane } = await withControlPlane();

async function admin() {
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromFile(plane().kubeconfig);
  return await connect({ config: kubeConfigConnection(kubeConfig) });
}

test('events are written, counted up, and shown by kubectl describe', { skip }, async () => {
  await using client = await admin();
  const about = await client.create(configMaps, { metadata: { name: 'story', namespace: 'default' } });
  const clock = new FakeClock(new Date().toISOString());
  const recorder = new EventRecorder({ client, component: 'splitlab-operator', clock });
  recorder.event(about, 'Normal', 'Started', 'first of all');
  await recorder.flush(AbortSignal.timeout(10_000));
  for (let i = 0; i < 6; i++) {
    await clock.advance(10_000);
    recorder.event(about, 'Warning', 'Failing', 'the same again');
    if (i % 2) await recorder.flush(AbortSignal.timeout(10_000));
  }
  await recorder.flush(AbortSignal.timeout(10_000));
  const fieldSelector = `involvedObject.uid=${about.metadata.uid}`;
  const { items } = await client.list(events, { namespace: 'default', fieldSelector });
  const told = items.map((item) => [item.type, item.reason, item.message, item.count]);
  assert.deepEqual(told.sort(), [
    ['Normal', 'Started', 'first of all', 1],
    ['Warning', 'Failing', 'the same again', 6],
  ]);
  assert.deepEqual(recorder.statistics(), { sent: 4, dropped: 0, filtered: 0 });
  const described = await plane().kubectl(['describe', 'configmap', 'story']);
  assert.match(described, /Warning\s+Failing\s+\S+ \(x6 over .*\)\s+splitlab-operator\s+the same again/);
  assert.match(described, /Normal\s+Started\s+\S+\s+splitlab-operator\s+first of all/);
});

test('an event whose time to live is over is written anew', { skip }, async () => {
  await using client = await admin();
  const about = await client.create(configMaps, { metadata: { name: 'expired', namespace: 'default' } });
  const recorder = new EventRecorder({ client, component: 'test' });
  recorder.event(about, 'Normal', 'Seen', 'again and again');
  await recorder.flush(AbortSignal.timeout(10_000));
  const fieldSelector = `involvedObject.uid=${about.metadata.uid}`;
  for (const { metadata } of (await client.list(events, { namespace: 'default', fieldSelector })).items) {
    await client.delete(events, { namespace: 'default', name: metadata.name });
  }
  recorder.event(about, 'Normal', 'Seen', 'again and again');
  await recorder.flush(AbortSignal.timeout(10_000));
  const { items } = await client.list(events, { namespace: 'default', fieldSelector });
  assert.deepEqual(
    items.map(({ count }) => count),
    [2],
  );
});

const certificate = await loopbackCertificate();

test('recording never waits: what repeats while the server is away is one write, what is too much is dropped', async () => {
  let reachable = false;
  await using server = await TestApiServer.start(certificate, ({ body, response }) => {
    if (reachable) answerJson(response, 201, { ...JSON.parse(body), metadata: pod('event', 1).metadata });
  });
  await using client = await connect({ config: server.config() });
  const recorder = new EventRecorder({ client, component: 'test', capacity: 2 });
  const abort = new AbortController();
  const running = recorder.run(abort.signal);
  await using stack = new AsyncDisposableStack();
  stack.defer(() => abort.abort());
  const arrived = server.next();
  recorder.event(pod('a', 1), 'Normal', 'First', 'on its way');
  const first = await arrived;
  for (let i = 0; i < 5; i++) recorder.event(pod('b', 1), 'Normal', 'Repeated', 'many times');
  recorder.event(pod('c', 1), 'Normal', 'Second', 'waits');
  recorder.event(pod('d', 1), 'Normal', 'Third', 'too much');
  reachable = true;
  answerJson(first.response, 201, pod('event', 1));
  await within(5000, 'everything is sent', recorder.flush(new AbortController().signal));
  const repeated: Wire<CoreV1Event>[] = server.exchanges.map(({ body }) => JSON.parse(body));
  assert.deepEqual(repeated.map(({ count, message }) => [count, message]).slice(1), [
    [5, 'many times'],
    [1, 'waits'],
  ]);
  assert.equal(recorder.statistics().dropped, 1);
  recorder.event(pod('e', 1), 'Normal', 'Last', 'sent on the way out');
  abort.abort();
  await within(6000, 'the recorder stops', running);
  assert.match(server.exchanges.at(-1)?.body ?? '', /sent on the way out/);
});

test('an event that the server refuses is dropped and holds up no other', async () => {
  await using server = await TestApiServer.start(certificate, ({ body, response }) => {
    if (body.includes('refused')) answerStatus(response, 403, 'Forbidden');
    else answerJson(response, 201, { ...JSON.parse(body), metadata: pod('event', 1).metadata });
  });
  await using client = await connect({ config: server.config(), clock: recordingClock([]) });
  const recorder = new EventRecorder({ client, component: 'test' });
  recorder.event(pod('a', 1), 'Normal', 'A', 'refused');
  recorder.event(pod('b', 1), 'Normal', 'B', 'taken');
  await recorder.flush(new AbortController().signal);
  assert.deepEqual(recorder.statistics(), { sent: 1, dropped: 1, filtered: 0 });
});

test('events outlive a server that is away for a while, not one that never comes back', async () => {
  let failures = 3;
  await using server = await TestApiServer.start(certificate, ({ body, response }) => {
    if (failures-- > 0) response.destroy();
    else answerJson(response, 201, { ...JSON.parse(body), metadata: pod('event', 1).metadata });
  });
  await using client = await connect({ config: server.config() });
  const pauses: number[] = [];
  const recorder = new EventRecorder({ client, component: 'test', clock: recordingClock(pauses) });
  recorder.event(pod('a', 1), 'Normal', 'A', 'kept');
  await recorder.flush(new AbortController().signal);
  assert.deepEqual([recorder.statistics().sent, pauses], [1, [10_000, 10_000, 10_000]]);
  failures = Number.POSITIVE_INFINITY;
  recorder.event(pod('a', 1), 'Normal', 'A', 'lost');
  await recorder.flush(new AbortController().signal);
  assert.equal(recorder.statistics().dropped, 1);
  assert.equal(server.exchanges.length, 4 + 12);
});

const at = (seconds: number): Date => new Date(Date.UTC(2026, 0, 1) + seconds * 1000);
const say = (message: string, object = 'uid', reason = 'Reason') => ({
  object,
  type: 'Normal' as const,
  reason,
  message,
});

test('a series ends ten minutes after its last occurrence', () => {
  const correlator = new Correlator();
  const first = correlator.correlate(say('a'), at(0));
  const second = correlator.correlate(say('a'), at(600));
  const third = correlator.correlate(say('a'), at(1201));
  assert.deepEqual([first?.count, second?.count, third?.count], [1, 2, 1]);
  assert.deepEqual(second?.first, at(0));
  assert.notEqual(third?.id, first?.id);
});

test('after ten different messages of a reason further ones are combined; known ones keep their own', () => {
  const correlator = new Correlator();
  for (let i = 0; i < 10; i++) assert.equal(correlator.correlate(say(`message ${i}`), at(i))?.message, `message ${i}`);
  const combined = correlator.correlate(say('message 10'), at(10));
  assert.equal(combined?.message, '(combined from similar events): message 10');
  const next = correlator.correlate(say('message 11'), at(11));
  assert.deepEqual(
    [next?.id, next?.count, next?.message],
    [combined?.id, 2, '(combined from similar events): message 11'],
  );
  assert.equal(correlator.correlate(say('message 3'), at(12))?.count, 2);
  assert.equal(correlator.correlate(say('message 12', 'uid', 'Another'), at(12))?.message, 'message 12');
});

test('an object that says too much is heard 25 times and then every five minutes; others are heard as before', () => {
  const correlator = new Correlator();
  for (let i = 0; i < 25; i++) assert.ok(correlator.correlate(say('again'), at(0)));
  assert.equal(correlator.correlate(say('again'), at(0)), null);
  assert.equal(correlator.correlate(say('again'), at(299)), null);
  assert.ok(correlator.correlate(say('again'), at(600)));
  assert.ok(correlator.correlate(say('hello', 'other'), at(0)));
});

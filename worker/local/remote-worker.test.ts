import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { type Announcement, prepareRequestSchema } from '../../api/messages/worker.ts';
import { subjects } from '../../api/subjects.ts';
import { openStore } from '../../store/store.ts';
import { testNatsServer, testUser } from '../../test/support/nats.ts';
import { serve } from '../control.ts';
import { openConnection } from '../transport/connection.ts';
import { followRemote, WorkerLost } from './remote-worker.ts';

const names = subjects({ cluster: 'c', namespace: 'n', uid: 'u' });
const machine = {
  node: 'here',
  pod: null,
  podAttempt: 0,
  cpuModel: null,
  cores: 2,
  cpuset: null,
  executionProvider: 'CPU',
  gpu: null,
  threads: 1,
};

function announcement(podAttempt: number): Announcement {
  const rest = { toolVersion: '0', modelDigest: 'sha256:0', bootId: null, memoryTotalBytes: null };
  const place = { podUid: null, kubernetes: null, process: null };
  const runtime = { name: 'onnxruntime', version: '1' };
  return { side: 'remote', lane: 0, podAttempt, instance: `i${podAttempt}`, ...rest, ...place, runtime, machine };
}

test('the worker that counts is the newest that answers', { timeout: 60_000 }, async () => {
  await using server = await testNatsServer();
  const login = { url: server.url, user: testUser.user, password: testUser.password };
  await using control = await openConnection({ ...login, name: 'local' });
  await using other = await openConnection({ ...login, name: 'remote' });
  const store = openStore(control.client);
  await store.ensureStreams();
  const stop = new AbortController();
  const remote = followRemote(control, store, names, { ...announcement(0), side: 'local' }, stop.signal);
  const announced = (podAttempt: number) => store.append(names.worker(0, 'remote'), announcement(podAttempt));

  const waiting = remote.ready(stop.signal);
  serve(other.client, names.remote(0, 'clock'), z.unknown(), () => ({ receivedAtMs: 1, repliedAtMs: 2 }));
  const asked = Promise.withResolvers<void>();
  serve(other.client, names.remote(0, 'prepare'), z.unknown(), () => {
    asked.resolve();
    return new Promise(() => {});
  });
  await other.client.flush();
  await announced(3);
  const first = await waiting;
  assert.equal(first.podAttempt, 3);
  const lost = remote.lost(first);
  assert.equal(lost.aborted, false);

  // A request that is never answered ends when another worker takes over; an older one does not.
  const prepared = remote.prepare({ kind: 'RemoteTensor', tensors: [], batchSize: 1, sharedHost: true });
  prepared.catch(() => {});
  await asked.promise;
  await announced(2);
  await announced(4);
  await assert.rejects(prepared, WorkerLost);
  assert.ok(lost.aborted && lost.reason instanceof WorkerLost);
  assert.ok(remote.lost(first).aborted);
  const second = await remote.ready(stop.signal);
  assert.equal(second.podAttempt, 4);
  assert.equal(remote.lost(second).aborted, false);

  stop.abort(new RangeError('enough'));
  await assert.rejects(remote.ready(stop.signal), RangeError);
  await assert.rejects(remote.following, RangeError);
});

test('an answer that was lost is asked for again under the same name, and the stop ends that', {
  timeout: 60_000,
}, async () => {
  await using server = await testNatsServer();
  const login = { url: server.url, user: testUser.user, password: testUser.password };
  await using control = await openConnection({ ...login, name: 'local' });
  await using other = await openConnection({ ...login, name: 'remote' });
  const store = openStore(control.client);
  await store.ensureStreams();
  const stop = new AbortController();
  const remote = followRemote(control, store, names, { ...announcement(0), side: 'local' }, stop.signal);
  const asked: string[] = [];
  const third = Promise.withResolvers<void>();
  other.client.subscribe(names.remote(0, 'prepare'), {
    callback(_, message) {
      asked.push(prepareRequestSchema.parse(message.json()).request);
      if (asked.length === 2) message.respond(JSON.stringify({ loadMilliseconds: 7 }));
      if (asked.length === 3) third.resolve();
    },
  });
  await other.client.flush();
  const part = { kind: 'RemoteTensor' as const, tensors: [], batchSize: 1, sharedHost: true };
  assert.deepEqual(await remote.prepare(part), { loadMilliseconds: 7 });
  assert.equal(asked[0], asked[1]);
  const endless = assert.rejects(remote.prepare(part), RangeError);
  await third.promise;
  assert.notEqual(asked[2], asked[0]);
  stop.abort(new RangeError('enough'));
  await endless;
});

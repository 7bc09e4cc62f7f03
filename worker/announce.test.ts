import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Announcement } from '../api/messages/worker.ts';
import { subjects } from '../api/subjects.ts';
import { openStore } from '../store/store.ts';
import { testNatsServer, testUser } from '../test/support/nats.ts';
import { announce } from './announce.ts';
import { openFence } from './fence.ts';
import { machineDifference } from './fingerprint.ts';
import { openConnection } from './transport/connection.ts';

const limits = { timeout: 60_000 };
const machine: Announcement['machine'] = {
  node: 'node-a',
  pod: null,
  podAttempt: 0,
  cpuModel: 'Cortex-A76',
  cores: 4,
  cpuset: '0-3',
  executionProvider: 'CPU',
  gpu: null,
  threads: 1,
};
const first: Announcement = {
  side: 'local',
  lane: 0,
  podAttempt: 0,
  instance: 'i',
  toolVersion: '0',
  modelDigest: 'sha256:0',
  bootId: null,
  runtime: { name: 'onnxruntime', version: '1' },
  machine,
  podUid: null,
  kubernetes: null,
  process: null,
  memoryTotalBytes: null,
};

async function open(uid: string) {
  const server = await testNatsServer();
  const connection = await openConnection({
    url: server.url,
    user: testUser.user,
    password: testUser.password,
    name: 'test',
  });
  const store = openStore(connection.client);
  await store.ensureStreams();
  const names = subjects({ cluster: 'c', namespace: 'n', uid });
  const say = (change: Partial<Announcement>, allowMixedMachines = false) =>
    announce({ ...first, ...change }, { allowMixedMachines }, store, names);
  return {
    server,
    connection,
    store,
    names,
    say,
    async [Symbol.asyncDispose]() {
      await connection.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

test('a lane and side stays on one kind of machine, unless any is allowed', limits, async () => {
  await using lane = await open('machines');
  await lane.say({});
  await lane.say({ podAttempt: 1, machine: { ...machine, node: 'node-b', cpuset: '4-7' } });
  const other = { podAttempt: 2, machine: { ...machine, cpuModel: 'EPYC' } };
  await assert.rejects(lane.say(other), {
    code: 'MachinesDiffer',
    message: /^spec\.local: cpuModel is "EPYC" and was "Cortex-A76" on node node-a; .*spec\.allowMixedMachines: true$/,
  });
  await lane.say({ ...other, side: 'remote' });
  await lane.say({ ...other, lane: 1 });
  await lane.say(other, true);
  assert.equal((await lane.store.read('records', lane.names.worker(0, 'local'))).length, 3);
});

test('what tells machines apart is what an inference runs on', () => {
  const gpu = (name: string, count = 1) => ({ ...machine, gpu: { name, count, memoryTotalBytes: null } });
  assert.equal(machineDifference(gpu('A'), gpu('A')), null);
  assert.equal(machineDifference(gpu('A'), machine), null);
  assert.match(machineDifference(gpu('A'), gpu('B')) ?? '', /^gpu is "1 x A" and was "1 x B"/);
  assert.match(machineDifference(gpu('A', 2), gpu('A')) ?? '', /^gpu/);
  assert.match(machineDifference({ ...machine, cores: 8 }, machine) ?? '', /^cores is 8 and was 4/);
  assert.match(machineDifference({ ...machine, executionProvider: 'CUDA' }, machine) ?? '', /^executionProvider/);
});

test('both sides have one model; the newest worker of the other side counts', limits, async () => {
  await using lane = await open('models');
  await lane.say({ side: 'remote', modelDigest: 'sha256:1' });
  await assert.rejects(lane.say({}), { code: 'ModelsDiffer', message: /sha256:0 .*sha256:1 \(node-a\)/ });
  await lane.say({ side: 'remote', podAttempt: 1 });
  await lane.say({});
});

test(
  'a worker that was superseded is told, at its start, while it works and after it was cut off',
  limits,
  async () => {
    await using lane = await open('fence');
    const stop = new AbortController();
    const subject = lane.names.worker(0, 'local');
    const connections = [lane.connection];
    const options = { store: lane.store, subject, podAttempt: 1, connections, until: stop.signal };
    const fence = openFence(options);
    await lane.say({ podAttempt: 1 });
    await fence.trusted();
    await fence.verify();
    const told = new Promise((resolve) => fence.signal.addEventListener('abort', resolve, { once: true }));
    await lane.say({ podAttempt: 2 });
    await told;
    await assert.rejects(fence.verify(), { code: 'Superseded' });
    await assert.rejects(lane.say({ podAttempt: 1 }), { code: 'Superseded' });

    // Asked right after an interruption, before any announcement can have been heard.
    const cut = openFence({ ...options, until: AbortSignal.abort() });
    await cut.trusted();
    const interrupted = new Promise((resolve) => lane.connection.onInterruption(resolve));
    await lane.server.kill();
    await interrupted;
    await lane.server.restart();
    await assert.rejects(cut.trusted(), { code: 'Superseded' });
    stop.abort();
  },
);

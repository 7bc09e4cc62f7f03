import assert from 'node:assert/strict';
import { test } from 'node:test';
import { announcementSchema } from '../../api/messages/worker.ts';
import { recordSchema } from '../../api/record/record.ts';
import { subjects } from '../../api/subjects.ts';
import { openStore, type Store } from '../../store/store.ts';
import { testNatsServer, testUser } from '../../test/support/nats.ts';
import { startEmulator } from '../link/emulator.ts';
import { laneScope, startWorkers } from '../testing/lane.ts';
import { openConnection } from '../transport/connection.ts';

const limits = { timeout: 120_000 };
const names = subjects(laneScope);
const spec = {
  model: { zoo: 'DigitsCnn' },
  input: { random: { seed: 1 } },
  cuts: { maxCount: 2 },
  baselines: ['LocalOnly', 'RemoteTensor'],
  links: [{ name: 'bare', type: 'None' }],
  measurement: { warmup: 1, repetitions: 3, blocks: 3 },
};

/** Resolves with the first stored value under a subject that `wanted` accepts. */
async function stored(store: Store, filter: string, wanted: (value: unknown) => boolean): Promise<void> {
  for await (const { value } of store.follow('records', filter, AbortSignal.timeout(60_000))) {
    if (wanted(value)) return;
  }
  throw new Error(`nothing came on ${filter}`);
}

const recordOf = (podAttempt: number) => (value: unknown) => recordSchema.parse(value).local.podAttempt === podAttempt;

/** Every visit of the plan is there and counts once; nothing comes from the first worker once the second was there. */
async function assertOneOfEach(store: Store): Promise<void> {
  const all = await store.read('records', names.all);
  const isRecord = (subject: string) => subject.startsWith(names.allRecords.slice(0, -1));
  const records = all.filter(({ subject }) => isRecord(subject)).map(({ value }) => recordSchema.parse(value));
  const plan = all.find(({ subject }) => subject === names.plan)?.value;
  const accepted = records.filter(({ verdict }) => verdict.result === 'Accepted').map(({ visitId }) => visitId);
  assert.equal(new Set(accepted).size, accepted.length, 'a visit is accepted twice');
  assert.equal((plan as { total: number }).total, accepted.length);
  const second = all.findIndex(
    ({ subject, value }) => subject === names.worker(0, 'local') && announcementSchema.parse(value).podAttempt === 2,
  );
  const late = all.slice(second).filter(({ subject, value }) => isRecord(subject) && recordOf(1)(value));
  assert.ok(second > 0);
  assert.deepEqual(late, []);
}

test('of two workers of a side at once the older one ends, and no visit is counted twice', limits, async () => {
  await using server = await testNatsServer();
  const nats = { url: server.url, user: testUser.user, password: testUser.password };
  await using connection = await openConnection({ ...nats, name: 'test' });
  const store = openStore(connection.client);
  await store.ensureStreams();
  await using workers = await startWorkers(spec);
  const firstRemote = await workers.start('remote', nats, { podAttempt: 1 });
  const first = await workers.start('local', nats, { podAttempt: 1 });
  await stored(store, names.allRecords, recordOf(1));
  const second = await workers.start('local', nats, { podAttempt: 2 });
  await workers.start('remote', nats, { podAttempt: 2 });
  assert.equal((await firstRemote.ended).status, 143);
  assert.deepEqual(await first.ended, { status: 143, said: null });
  assert.deepEqual(await second.ended, { status: 0, said: null });
  await assertOneOfEach(store);

  // One that comes when its successor has announced itself does not begin.
  const late = await workers.start('local', nats, { podAttempt: 1 });
  assert.equal((await late.ended).status, 143);
});

test('one that was cut off and comes back writes nothing any more', limits, async () => {
  await using server = await testNatsServer();
  const nats = { url: server.url, user: testUser.user, password: testUser.password };
  await using connection = await openConnection({ ...nats, name: 'test' });
  const store = openStore(connection.client);
  await store.ensureStreams();
  await using workers = await startWorkers(spec);
  await workers.start('remote', nats);
  const way = (port: number) =>
    startEmulator({ listen: { host: '127.0.0.1', port }, upstream: [{ host: '127.0.0.1', port: server.port }] });
  const before = await way(0);
  const first = await workers.start('local', { ...nats, url: `nats://127.0.0.1:${before.port}` }, { podAttempt: 1 });
  await stored(store, names.allRecords, recordOf(1));
  await before[Symbol.asyncDispose]();
  const second = await workers.start('local', nats, { podAttempt: 2 });
  await stored(store, names.allRecords, recordOf(2));
  await using _after = await way(before.port);
  assert.deepEqual(await first.ended, { status: 143, said: null });
  assert.deepEqual(await second.ended, { status: 0, said: null });
  await assertOneOfEach(store);
});

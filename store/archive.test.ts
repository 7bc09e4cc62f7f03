import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect, type NatsConnection } from 'nats';
import { clusterSubjects, scopeOf, subjects } from '../api/subjects.ts';
import { testNatsServer } from '../test/support/nats.ts';
import { openArchive } from './archive.ts';
import { StoreUnavailable } from './errors.ts';
import { openStore } from './store.ts';

const names = subjects({ cluster: 'test', namespace: 'default', uid: 'u1' });
const other = subjects({ cluster: 'test', namespace: 'default', uid: 'u2' });

async function opened(connection: NatsConnection) {
  const store = openStore(connection, { patienceMs: 5_000 });
  await store.ensureStreams();
  return { store, archive: openArchive(connection) };
}

test('pages hold what one experiment stored, in order', async (context) => {
  await using server = await testNatsServer();
  const connection = await connect(server.connection);
  context.after(() => connection.close());
  const { store, archive } = await opened(connection);
  assert.deepEqual(await archive.page('records', names.allRecords), { messages: [], last: null });
  for (let attempt = 0; attempt < 5; attempt++) {
    await store.create(names.record('aa-0', attempt), { attempt });
    await store.create(other.record('aa-0', attempt), { attempt });
  }
  const first = await archive.page('records', names.allRecords, { limit: 2 });
  assert.deepEqual(
    first.messages.map(({ value }) => value),
    [{ attempt: 0 }, { attempt: 1 }],
  );
  assert.equal(first.last, 3);
  const rest: unknown[] = [];
  for await (const { value } of archive.scan('records', names.allRecords, { after: 3, limit: 2 })) rest.push(value);
  assert.deepEqual(rest, [{ attempt: 2 }, { attempt: 3 }, { attempt: 4 }]);
  assert.deepEqual((await archive.newest('records', names.record('aa-0', 4)))?.value, { attempt: 4 });
  assert.equal(await archive.newest('records', names.plan), null);
});

test('a page ends before it grows beyond its limit of bytes, and what was withdrawn is passed over', async (context) => {
  await using server = await testNatsServer();
  const connection = await connect(server.connection);
  context.after(() => connection.close());
  const { store, archive } = await opened(connection);
  const large = 'x'.repeat(600_000);
  for (let part = 0; part < 4; part++) await store.append(names.samples('aa-0', 0, part), { part, large });
  const { messages } = await archive.page('samples', names.samplesOf('aa-0', 0));
  assert.ok(messages.length >= 1 && messages.length < 4, `${messages.length} messages`);
  let count = 0;
  for await (const _ of archive.scan('samples', names.samplesOf('aa-0', 0))) count++;
  assert.equal(count, 4);
  await store.create(names.begin('aa-0', 0), {});
  await store.withdraw(names.begin('aa-0', 0));
  const begins: unknown[] = [];
  for await (const { value } of archive.scan('records', names.allBegins, { limit: 1 })) begins.push(value);
  assert.deepEqual(begins, [{}]);
});

test('subjects are listed and purged by experiment', async (context) => {
  await using server = await testNatsServer();
  const connection = await connect(server.connection);
  context.after(() => connection.close());
  const { store, archive } = await opened(connection);
  await store.create(names.plan, {});
  await store.create(other.plan, {});
  await store.create(other.record('aa-0', 0), {});
  const uids = async () => {
    const found = new Set<string>();
    for await (const page of archive.subjects('records', clusterSubjects('test').all)) {
      for (const subject of page) found.add(scopeOf(subject)?.uid ?? '');
    }
    return [...found].sort();
  };
  assert.deepEqual(await uids(), ['u1', 'u2']);
  await archive.purge('records', other.all);
  assert.deepEqual(await uids(), ['u1']);
});

test('a server that is away is said so', async (context) => {
  await using server = await testNatsServer();
  const connection = await connect({ ...server.connection, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
  context.after(() => connection.close());
  const { archive } = await opened(connection);
  await server.kill();
  await assert.rejects(archive.page('records', names.all), StoreUnavailable);
  await server.restart();
});

test('a page that cannot be asked for leaves no timer behind', async () => {
  await using server = await testNatsServer();
  const connection = await connect(server.connection);
  const archive = openArchive(connection);
  await connection.close();
  const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
  const before = timers();
  await assert.rejects(archive.page('records', names.allRecords), StoreUnavailable);
  assert.equal(timers(), before);
});

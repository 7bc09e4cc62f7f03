import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from 'nats';
import { streams, subjects } from '../api/subjects.ts';
import { within } from '../test/support/deadline.ts';
import { testNatsServer } from '../test/support/nats.ts';
import { StoreConflict } from './errors.ts';
import { openStore } from './store.ts';

const names = subjects({ cluster: 'test', namespace: 'default', uid: 'u1' });

test('what is created once stays, and reading gives everything of one experiment in order', async () => {
  await using server = await testNatsServer();
  const connection = await connect(server.connection);
  try {
    const store = openStore(connection);
    await store.ensureStreams();
    await store.ensureStreams();
    assert.deepEqual(await store.read('records', names.all), []);

    assert.equal(await store.createOnly(names.record('aa-0', 0), { value: 1 }), true);
    assert.equal(
      await store.createOnly(names.record('aa-0', 0), { value: 1 }),
      true,
      'the same text is the same write',
    );
    assert.equal(await store.createOnly(names.record('aa-0', 0), { value: 2 }), false);
    await store.create(names.begin('aa-0', 0), {});
    await store.withdraw(names.begin('aa-0', 0));
    await store.withdraw(names.begin('bb-0', 0));
    await assert.rejects(store.create(names.record('aa-0', 0), { value: 2 }), StoreConflict);
    await store.append(names.worker(0, 'local'), { podAttempt: 0 });
    await store.append(names.worker(0, 'local'), { podAttempt: 1 });
    const other = subjects({ cluster: 'test', namespace: 'default', uid: 'u2' });
    await store.create(other.plan, {});

    assert.deepEqual(await store.read('records', names.all), [
      { subject: names.record('aa-0', 0), value: { value: 1 } },
      { subject: names.worker(0, 'local'), value: { podAttempt: 0 } },
      { subject: names.worker(0, 'local'), value: { podAttempt: 1 } },
    ]);
  } finally {
    await connection.close();
  }
});

test('what was withdrawn is as if never written, and may be written again', async () => {
  await using server = await testNatsServer();
  const connection = await connect(server.connection);
  try {
    const store = openStore(connection);
    await store.ensureStreams();
    const begin = names.begin('aa-0', 0);
    await store.create(begin, { by: 'first' });
    await store.withdraw(begin);
    await store.withdraw(begin);
    assert.deepEqual(await store.read('records', names.all), []);
    await store.create(begin, { by: 'second' });
    await store.create(begin, { by: 'second' });
    await assert.rejects(store.create(begin, { by: 'third' }), StoreConflict);
    const found = [{ subject: begin, value: { by: 'second' } }];
    assert.deepEqual(await store.read('records', names.all), found);
    await store.append(names.samples('aa-0', 0, 0), { part: 0 });
    assert.deepEqual(await store.read('samples', names.allSamples), [
      { subject: names.samples('aa-0', 0, 0), value: { part: 0 } },
    ]);
    await store.withdraw(names.samples('aa-0', 0, 0));
    assert.deepEqual(await store.read('samples', names.allSamples), []);
  } finally {
    await connection.close();
  }
});

test('streams that exist with other settings are left as they are', async () => {
  await using server = await testNatsServer();
  const connection = await connect(server.connection);
  try {
    const manager = await jetstreamManager(connection);
    const { name, subjects: filters } = streams.records;
    await manager.streams.add({ name, subjects: [...filters], max_bytes: 1e6, allow_direct: true });
    await openStore(connection).ensureStreams();
    assert.equal((await manager.streams.info(name)).config.max_bytes, 1e6);
    assert.equal((await manager.streams.info(streams.samples.name)).config.num_replicas, 1);
  } finally {
    await connection.close();
  }
});

test('following gives what is stored and then what comes', async () => {
  await using server = await testNatsServer();
  const connection = await connect(server.connection);
  try {
    const store = openStore(connection);
    await store.ensureStreams();
    await store.create(names.plan, { total: 2 });
    const seen: unknown[] = [];
    const stop = new AbortController();
    for await (const { value } of store.follow('records', names.all, stop.signal)) {
      seen.push(value);
      if (seen.length === 1) await store.create(names.begin('aa-0', 0), { begun: true });
      else stop.abort();
    }
    assert.deepEqual(seen, [{ total: 2 }, { begun: true }]);
  } finally {
    await connection.close();
  }
});

test('a write outlasts a crash of the server, and what was stored before is still there', async () => {
  await using server = await testNatsServer();
  const connection = await connect({ ...server.connection, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
  try {
    const store = openStore(connection);
    await store.ensureStreams();
    await store.create(names.record('aa-0', 0), { value: 1 });
    await server.kill();
    const write = store.create(names.record('aa-0', 1), { value: 2 });
    await server.restart();
    await write;
    assert.deepEqual(
      (await store.read('records', names.all)).map(({ value }) => value),
      [{ value: 1 }, { value: 2 }],
    );
  } finally {
    await connection.close();
  }
});

test('following goes on behind what was seen when the server was away', { timeout: 60_000 }, async () => {
  await using server = await testNatsServer();
  const connection = await connect({ ...server.connection, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
  try {
    const store = openStore(connection);
    await store.ensureStreams();
    await store.create(names.begin('aa-0', 0), 0);
    const seen: unknown[] = [];
    const stop = new AbortController();
    for await (const { value } of store.follow('records', names.all, stop.signal)) {
      seen.push(value);
      if (seen.length === 3) stop.abort();
      if (seen.length > 1) continue;
      await server.kill();
      await server.restart();
      await store.create(names.begin('aa-0', 1), 1);
      await store.create(names.begin('aa-0', 2), 2);
    }
    assert.deepEqual(seen, [0, 1, 2]);
    // One that begins while the server is away waits for it.
    await server.kill();
    const follow = store.follow('records', names.begin('aa-0', 2), new AbortController().signal);
    const next = follow.next();
    await server.restart();
    assert.equal((await next).value?.value, 2);
    await follow.return(undefined);
  } finally {
    await connection.close();
  }
});

test('a write that is tried again ends with the reason of the signal', { timeout: 60_000 }, async () => {
  await using server = await testNatsServer();
  const connection = await connect({ ...server.connection, maxReconnectAttempts: -1 });
  try {
    const stop = new AbortController();
    const store = openStore(connection, { signal: stop.signal });
    await server.kill();
    const writing = store.append(names.plan, {});
    const reason = new Error('superseded');
    stop.abort(reason);
    await assert.rejects(writing, (error) => error === reason);
  } finally {
    await connection.close();
  }
});

test('following ends with its signal, whenever that comes', { timeout: 60_000 }, async (context) => {
  await using server = await testNatsServer();
  const connection = await connect(server.connection);
  context.after(() => connection.close());
  const store = openStore(connection);
  await store.ensureStreams();
  for (let turns = 0; turns < 40; turns++) {
    const stop = new AbortController();
    const next = store.follow('records', names.all, stop.signal).next();
    for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
    stop.abort();
    assert.equal((await within(5_000, `the end after ${turns} turns`, next)).done, true);
  }
});

test('reading and following leave no consumer with the server', async (context) => {
  await using server = await testNatsServer();
  const connection = await connect(server.connection);
  context.after(() => connection.close());
  const store = openStore(connection);
  await store.ensureStreams();
  assert.deepEqual(await store.read('records', names.plan), []);
  await store.create(names.plan, { total: 1 });
  assert.equal((await store.read('records', names.plan)).length, 1);
  for await (const _ of store.follow('records', names.plan, new AbortController().signal)) break;
  const manager = await jetstreamManager(connection);
  assert.equal((await manager.streams.info(streams.records.name)).state.consumer_count, 0);
});

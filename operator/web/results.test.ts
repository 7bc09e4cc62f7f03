import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectSocket } from 'node:net';
import { test } from 'node:test';
import { recordFixture } from '../../api/record/testing/fixture.ts';
import { experimentPath, experimentsPath } from '../../api/results/paths.ts';
import { resultsSummarySchema } from '../../api/results/summary.ts';
import type { Archive } from '../../store/archive.ts';
import { eventually } from '../../test/support/deadline.ts';
import { testNatsServer } from '../../test/support/nats.ts';
import { declareRetention } from '../retention/declare.ts';
import { startTestApi } from './testing/api.ts';
import { experimentObject, HandmadeCache, succeeded } from './testing/cache.ts';
import { cluster, namesOf, openStored, recordsOf, storeVisit } from './testing/lab.ts';

const path = (part?: Parameters<typeof experimentPath>[2]) => experimentPath('default', 'mine', part);

test('one experiment: list, detail, pages of records, and its three files', { timeout: 60_000 }, async () => {
  await using nats = await testNatsServer();
  await using stored = await openStored(nats.connection);
  const cache = new HandmadeCache();
  cache.put(experimentObject({ name: 'mine', uid: 'u1' }, succeeded('Unknown', 'Running')));
  cache.put(experimentObject({ name: 'empty', uid: 'u2', namespace: 'elsewhere' }));
  await using api = await startTestApi(stored, cache);
  const json = async (where: string) => JSON.parse(await (await api.get(where)).text());

  const all = await json(experimentsPath(null));
  assert.deepEqual(
    all.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name),
    ['mine', 'empty'],
  );
  assert.equal((await json(experimentsPath('default'))).items.length, 1);
  assert.deepEqual((await json(path())).summary, [], 'nothing is measured yet');

  const records = recordsOf(3, 2);
  for (const record of records) await storeVisit(stored.store, namesOf('u1'), record);
  const lost = recordFixture({
    trialId: 'f'.repeat(16),
    verdict: { result: 'Failed', reason: 'WorkerLost', message: 'gone' },
  });
  await stored.store.create(namesOf('u1').record(lost.visitId, 0), lost);
  await stored.store.create(namesOf('u1').plan, { digest: 'd', total: 7, warnings: [] });
  // Samples of an attempt that left no record do not exist.
  await stored.store.append(namesOf('u1').samples('e'.repeat(16), 0, 0), {
    visitId: 'x',
    attempt: 0,
    part: 0,
    samples: [],
  });

  const detail = await json(path());
  assert.equal(detail.metadata.uid, 'u1');
  assert.equal(detail.status.conditions[0].reason, 'Running');
  assert.equal(detail.manifest.spec.model.zoo, 'DigitsCnn');
  assert.deepEqual(detail.visits, { planned: 7, accepted: 6 });
  assert.equal(detail.summary.length, 4);
  assert.equal(detail.summary[0].samples, 6);
  const summary = resultsSummarySchema.parse(await json(path('summary')));
  assert.equal(summary.rows.length, 4);
  assert.deepEqual(
    summary.incomplete.map(({ verdict }) => verdict.reason),
    ['WorkerLost'],
  );

  const first = await json(`${path('visits')}?limit=4`);
  assert.equal(first.items.length, 4);
  const second = await json(`${path('visits')}?limit=4&continue=${first.metadata.continue}`);
  assert.deepEqual([...first.items, ...second.items], [...records, lost]);
  assert.equal(second.metadata.continue, null);
  const lines = await api.get(`${path('visits')}?limit=4`, { headers: { accept: 'application/jsonl' } });
  assert.equal(lines.headers.get('x-continue'), first.metadata.continue);
  assert.equal((await lines.text()).trimEnd().split('\n').length, 4);

  const file = async (part: Parameters<typeof path>[0]) => (await api.get(path(part))).text();
  assert.equal(await file('results.jsonl'), [...records, lost].map((record) => `${JSON.stringify(record)}\n`).join(''));
  assert.equal((await file('samples.csv')).split('\n').length, 1 + 6 * 3 + 1);
  assert.equal((await file('summary.csv')).split('\n').length, 1 + 4 + 1);
});

test('mistakes are said as a Status with what would be accepted', { timeout: 60_000 }, async () => {
  await using nats = await testNatsServer();
  await using stored = await openStored(nats.connection);
  const cache = new HandmadeCache();
  cache.put(experimentObject({ name: 'mine', uid: 'u1' }));
  await using api = await startTestApi(stored, cache);
  const status = async (where: string, init?: RequestInit) => {
    const response = await api.get(where, init);
    return [response.status, JSON.parse(await response.text()).message];
  };
  assert.deepEqual(await status('/'), [
    404,
    'there is nothing at /; start at /apis/results.splitlab.dev/v1alpha1/experiments',
  ]);
  assert.match(
    (await status(`${path('visits')}?limit=0`)).join(' '),
    /^400 limit: "0" is not a whole number from 1 to 500/,
  );
  assert.match((await status(`${path('visits')}?continue=-1`)).join(' '), /^400 continue: "-1" is not/);
  assert.match((await status(experimentPath('default', '..%2f'))).join(' '), /^40[04] /);
  assert.match((await status(experimentPath('De fault', 'x'))).join(' '), /^400 namespace: "De fault" is not the name/);
  assert.match((await status(path(), { method: 'POST' })).join(' '), /^405 POST is not answered/);
  assert.match((await status(experimentPath('default', 'missing'))).join(' '), /^404 .*"missing" not found/);
  const long = await fetch(`http://127.0.0.1:${api.port}${path()}`, {
    headers: { authorization: `Bearer ${'x'.repeat(20_000)}` },
  });
  assert.equal(long.status, 431);
  cache.hasSynced = false;
  assert.match((await status(path())).join(' '), /^503 this replica is still reading/);
});

test('results that were kept are found by name or uid, and given up by whoever may delete', {
  timeout: 60_000,
}, async () => {
  await using nats = await testNatsServer();
  await using stored = await openStored(nats.connection);
  const cache = new HandmadeCache();
  await using api = await startTestApi(stored, cache);
  const keep = async (uid: string, policy: 'Retain' | 'Delete', day: number) => {
    await storeVisit(
      stored.store,
      namesOf(uid),
      recordFixture({ experiment: { name: 'mine', namespace: 'default', uid } }),
    );
    await declareRetention(
      stored,
      { cluster, namespace: 'default', uid },
      { name: 'mine', policy },
      new Date(day * 864e5),
    );
  };
  await keep('u1', 'Retain', 1);
  await keep('u2', 'Retain', 2);
  await keep('u3', 'Delete', 3);
  const json = async (where: string) => JSON.parse(await (await api.get(where)).text());
  const uids = async () =>
    (await json(`${experimentsPath('default')}?deleted=true`)).items.map(
      ({ metadata }: { metadata: { uid: string } }) => metadata.uid,
    );
  assert.deepEqual(await uids(), ['u2', 'u1']);
  assert.deepEqual((await json(path())).metadata, {
    name: 'mine',
    namespace: 'default',
    uid: 'u2',
    creationTimestamp: null,
    deleted: true,
  });
  assert.equal((await json(`${path()}?uid=u1`)).metadata.uid, 'u1');
  assert.equal((await api.get(`${path()}?uid=u3`)).status, 404);

  assert.equal((await api.get(`${path()}?uid=u1`, { method: 'DELETE' })).status, 202);
  assert.deepEqual(await uids(), ['u2']);
  cache.put(experimentObject({ name: 'mine', uid: 'u4' }));
  assert.equal((await json(path())).metadata.uid, 'u4', 'one that is there comes first');
  assert.equal((await api.get(path(), { method: 'DELETE' })).status, 409);
});

test('a follower gets records and status as they come, and the end', { timeout: 60_000 }, async () => {
  await using nats = await testNatsServer();
  await using stored = await openStored(nats.connection);
  const cache = new HandmadeCache();
  const object = (reason: 'Running' | 'Completed') =>
    experimentObject({ name: 'mine', uid: 'u1' }, succeeded(reason === 'Running' ? 'Unknown' : 'True', reason));
  cache.put(object('Running'));
  await using api = await startTestApi(stored, cache);
  const [first, second, third] = recordsOf(3);
  assert.ok(first && second && third);
  await storeVisit(stored.store, namesOf('u1'), first);
  const events = lines(await api.get(path('follow')));
  const next = async () => JSON.parse((await events.next()).value ?? 'null');
  assert.equal((await next()).status.conditions[0].reason, 'Running');
  const one = await next();
  assert.deepEqual(one.record, first);
  await storeVisit(stored.store, namesOf('u1'), second);
  assert.deepEqual((await next()).record, second);
  // Another that begins behind the first record.
  const other = lines(await api.get(`${path('follow')}?continue=${one.continue}`));
  await other.next();
  assert.deepEqual(JSON.parse((await other.next()).value ?? '').record, second);
  await storeVisit(stored.store, namesOf('u1'), third);
  cache.put(object('Completed'));
  const rest: string[] = [];
  for await (const line of events) rest.push(line);
  const types = rest.map((line) => JSON.parse(line)).map(({ type, condition }) => condition?.reason ?? type);
  assert.deepEqual(types.filter((type) => type !== 'Status').sort(), ['Completed', 'Record']);
  assert.equal(types.at(-1), 'Completed');
  for await (const _ of other);
  await eventually(5_000, 'no handler is left', async () => (cache.handlers === 0 ? true : null));
});

test('a follower learns that the object is gone', { timeout: 60_000 }, async () => {
  await using nats = await testNatsServer();
  await using stored = await openStored(nats.connection);
  const cache = new HandmadeCache();
  const object = experimentObject({ name: 'mine', uid: 'u1' });
  cache.put(object);
  await using api = await startTestApi(stored, cache);
  const events = lines(await api.get(path('follow')));
  await events.next();
  cache.remove(object);
  const rest: unknown[] = [];
  for await (const line of events) rest.push(JSON.parse(line));
  assert.deepEqual(rest.at(-1), { type: 'End', condition: null });
});

test('callers have a bounded share, and one that goes or reads nothing gives it back', {
  timeout: 60_000,
}, async () => {
  await using nats = await testNatsServer();
  await using stored = await openStored(nats.connection);
  const cache = new HandmadeCache();
  cache.put(experimentObject({ name: 'mine', uid: 'u1' }));
  const limits = { followers: { total: 3, perCaller: 2 }, downloads: { total: 1, perCaller: 1 }, idleMs: 1_000 };
  let scanned = 0;
  const archive: Archive = {
    ...stored.archive,
    async *scan(...request) {
      for await (const message of stored.archive.scan(...request)) {
        scanned++;
        yield message;
      }
    },
  };
  await using api = await startTestApi({ ...stored, archive }, cache, limits);
  const follow = async (user: string, abort = new AbortController()) => {
    const response = await api.get(path('follow'), { user, signal: abort.signal });
    return { response, abort };
  };
  const mine = [await follow('jane'), await follow('jane')];
  const third = await follow('jane');
  assert.equal(third.response.status, 429);
  assert.equal(third.response.headers.get('retry-after'), '5');
  const joe = await follow('joe');
  assert.equal((await follow('ann')).response.status, 429);
  for (const { abort } of [...mine, joe]) abort.abort();
  await eventually(5_000, 'the places are free again', async () => {
    const { response, abort } = await follow('ann');
    abort.abort();
    return response.status === 200 ? true : null;
  });

  // More than sockets buffer, and a client that reads nothing of it.
  const large = { ...recordFixture(), warnings: ['x'.repeat(1_000_000)] };
  for (let attempt = 0; attempt < 40; attempt++) {
    await stored.store.create(namesOf('u1').record(large.visitId, attempt), { ...large, attempt });
  }
  const socket = connectSocket(api.port, '127.0.0.1');
  socket.write(`GET ${path('results.jsonl')} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer jane\r\n\r\n`);
  // Now its answer has begun; from here on nothing more is read.
  await once(socket, 'readable');
  assert.equal((await api.get(path('results.jsonl'), { user: 'joe' })).status, 429);
  await eventually(10_000, 'the slow one is cut off', async () => {
    const readAhead = scanned;
    const response = await api.get(path('results.jsonl'), { user: 'joe' });
    const { length } = await response.text();
    if (response.status === 429) return null;
    assert.ok(readAhead < 30, `${readAhead} of 40 records were read for a client that takes none`);
    assert.ok(length > 40_000_000);
    return true;
  });
  socket.destroy();
});

async function* lines(response: Response): AsyncGenerator<string, void> {
  assert.equal(response.status, 200, response.ok ? '' : await response.text());
  let rest = '';
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    yield* parts;
  }
}

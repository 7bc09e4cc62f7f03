import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordFixture } from '../../api/record/testing/fixture.ts';
import { subjects } from '../../api/subjects.ts';
import type { Archive } from '../../store/archive.ts';
import { testNatsServer } from '../../test/support/nats.ts';
import { silentLogger } from '../runtime/logger.ts';
import type { ExperimentObject } from '../web/experiments.ts';
import { experimentObject, HandmadeCache } from '../web/testing/cache.ts';
import { cluster, namesOf, openStored, type Stored, storeVisit } from '../web/testing/lab.ts';
import { declareRetention } from './declare.ts';
import { overdue, stillMissing } from './orphans.ts';
import { type PurgeOptions, purgePass } from './purge.ts';

const graceMs = 1_000;
const scopeOfUid = (uid: string) => ({ cluster, namespace: 'default', uid });

test('who is missing is counted from when it was first seen, and anew when it was back', () => {
  const stored = [scopeOfUid('a'), scopeOfUid('b')];
  const first = stillMissing(new Map(), { stored, present: new Set(['b']), nowMs: 100 });
  assert.deepEqual([...first.keys()], ['a']);
  const second = stillMissing(first, { stored, present: new Set(), nowMs: 900 });
  assert.deepEqual(overdue(second, 1_099, graceMs), []);
  assert.deepEqual(overdue(second, 1_100, graceMs), [scopeOfUid('a')]);
  const back = stillMissing(second, { stored, present: new Set(['a']), nowMs: 1_200 });
  const again = stillMissing(back, { stored, present: new Set(), nowMs: 1_300 });
  assert.deepEqual(overdue(again, 2_000, graceMs), [scopeOfUid('b')]);
});

/** Passes over a store, at times that the test chooses. */
function passes(stored: Stored, changes: Partial<PurgeOptions> = {}) {
  const cache = new HandmadeCache();
  let nowMs = 0;
  const objects: ExperimentObject[] = [];
  const options: PurgeOptions = {
    client: {
      async *listAll() {
        yield { items: objects };
      },
    },
    experiments: cache,
    archive: stored.archive,
    clusterId: cluster,
    graceMs,
    intervalMs: 1,
    clock: { monotonic: () => nowMs, sleep: async () => {} },
    logger: silentLogger,
    signal: new AbortController().signal,
    ...changes,
  };
  let missing: Awaited<ReturnType<typeof purgePass>> = new Map();
  return {
    cache,
    objects,
    async pass(atMs: number, more: Partial<PurgeOptions> = {}) {
      nowMs = atMs;
      missing = await purgePass({ ...options, ...more }, missing);
    },
  };
}

async function leftIn(archive: Archive, names: ReturnType<typeof subjects>): Promise<number[]> {
  const counts: number[] = [];
  for (const stream of ['records', 'samples'] as const) {
    let count = 0;
    for await (const _ of archive.scan(stream, names.all)) count++;
    counts.push(count);
  }
  return counts;
}

async function experiment(stored: Stored, uid: string, policy?: 'Delete' | 'Retain'): Promise<void> {
  await storeVisit(stored.store, namesOf(uid), recordFixture());
  if (policy) await declareRetention(stored, scopeOfUid(uid), { name: uid, policy }, new Date(0));
}

test('both streams lose what is gone, after the grace period, and keep what is there or kept', async () => {
  await using nats = await testNatsServer();
  await using stored = await openStored(nats.connection);
  await experiment(stored, 'gone', 'Delete');
  await experiment(stored, 'undeclared');
  await experiment(stored, 'kept', 'Retain');
  await experiment(stored, 'there', 'Delete');
  const foreign = subjects({ cluster: 'another', namespace: 'default', uid: 'gone' });
  await storeVisit(stored.store, foreign, recordFixture());
  const { cache, pass } = passes(stored);
  cache.put(experimentObject({ name: 'there', uid: 'there' }));

  await pass(0);
  await pass(999);
  assert.deepEqual(await leftIn(stored.archive, namesOf('gone')), [2, 1]);
  await pass(1_000);
  assert.deepEqual(await leftIn(stored.archive, namesOf('gone')), [0, 0]);
  assert.deepEqual(await leftIn(stored.archive, namesOf('undeclared')), [0, 0]);
  assert.deepEqual(await leftIn(stored.archive, namesOf('kept')), [2, 1]);
  assert.deepEqual(await leftIn(stored.archive, namesOf('there')), [2, 1]);
  assert.deepEqual(await leftIn(stored.archive, foreign), [1, 1]);

  // Somebody gives up what was kept; a worker that was cut off writes late.
  await declareRetention(stored, scopeOfUid('kept'), { name: 'kept', policy: 'Delete' }, new Date(0));
  await storeVisit(stored.store, namesOf('gone'), recordFixture({ block: 1 }));
  await pass(1_001);
  assert.deepEqual(await leftIn(stored.archive, namesOf('kept')), [0, 0]);
  assert.deepEqual(await leftIn(stored.archive, namesOf('gone')), [1, 1]);
  await pass(2_001);
  assert.deepEqual(await leftIn(stored.archive, namesOf('gone')), [0, 0]);
});

test('nothing goes while the list of experiments is not known', async () => {
  await using nats = await testNatsServer();
  await using stored = await openStored(nats.connection);
  await experiment(stored, 'unsure', 'Delete');
  const { cache, objects, pass } = passes(stored);
  const untouched = async () => assert.deepEqual(await leftIn(stored.archive, namesOf('unsure')), [2, 1]);
  cache.hasSynced = false;
  await pass(0);
  await pass(5_000);
  await untouched();
  cache.hasSynced = true;
  await pass(10_000);
  // The informer lags behind the API server.
  objects.push(experimentObject({ name: 'unsure', uid: 'unsure' }));
  await pass(20_000);
  await untouched();
  objects.pop();
  // The API server does not answer, or does not know the kind any more.
  const client: PurgeOptions['client'] = {
    // biome-ignore lint/correctness/useYield: it fails before it gives anything
    async *listAll() {
      throw new Error('not found');
    },
  };
  await assert.rejects(pass(30_000, { client }), /not found/);
  await untouched();
  await pass(40_000);
  assert.deepEqual(await leftIn(stored.archive, namesOf('unsure')), [0, 0]);
});

test('a purge that was cut short is finished by the next one', async () => {
  await using nats = await testNatsServer();
  await using stored = await openStored(nats.connection);
  await experiment(stored, 'gone', 'Delete');
  const { pass } = passes(stored);
  await pass(0);
  const cut: Archive = {
    ...stored.archive,
    purge: async (stream, filter) => {
      if (stream === 'records') throw new Error('killed');
      await stored.archive.purge(stream, filter);
    },
  };
  await assert.rejects(pass(1_000, { archive: cut }), /killed/);
  assert.deepEqual(await leftIn(stored.archive, namesOf('gone')), [2, 0]);
  // Another leader starts to count anew.
  const next = passes(stored);
  await next.pass(0);
  await next.pass(1_000);
  assert.deepEqual(await leftIn(stored.archive, namesOf('gone')), [0, 0]);
});

test('retention is written when it changes and only then', async () => {
  await using nats = await testNatsServer();
  await using stored = await openStored(nats.connection);
  const declare = (policy: 'Delete' | 'Retain') =>
    declareRetention(stored, scopeOfUid('u1'), { name: 'x', policy }, new Date(0));
  assert.deepEqual([await declare('Delete'), await declare('Delete'), await declare('Retain')], [true, false, true]);
  assert.deepEqual(await leftIn(stored.archive, namesOf('u1')), [2, 0]);
});

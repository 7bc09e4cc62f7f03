import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect } from 'nats';
import { subjects } from '../../../api/subjects.ts';
import { openArchive } from '../../../store/archive.ts';
import { openStore } from '../../../store/store.ts';
import { within } from '../../../test/support/deadline.ts';
import { testNatsServer } from '../../../test/support/nats.ts';
import { systemClock } from '../../runtime/clock.ts';
import { silentLogger } from '../../runtime/logger.ts';
import { announce, storePlan, storeVisit } from '../testing/worker.ts';
import { type Followed, Followers } from './followers.ts';
import { readResults } from './results.ts';

const scope = { cluster: 'c', namespace: 'lab', uid: 'u1' };
const names = subjects(scope);
const verdict = { result: 'Rejected', reason: 'LinkOutOfTolerance', message: '' } as const;

test('the fold of the records: what is stored, what comes, and again after the server was away', {
  timeout: 60_000,
}, async () => {
  await using server = await testNatsServer();
  const connection = await connect({ ...server.connection, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
  const stop = new AbortController();
  const store = openStore(connection);
  const archive = openArchive(connection);
  const followers = new Followers({ store, archive, clock: systemClock, logger: silentLogger, signal: stop.signal });
  let look = () => {};
  const followed: Followed = { scope, objectives: ['LatencyP50'], links: [], backoffLimit: 1, onChange: () => look() };
  const until = (what: string, condition: () => boolean) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    look = () => condition() && resolve();
    look();
    return within(20_000, what, promise);
  };
  const progress = () => followers.progress(followed);
  try {
    await store.ensureStreams();
    await announce(store, names, 'local', 2);
    await storePlan(store, names, 3);
    await storeVisit(store, names, { block: 0 });
    // Its last attempt is not used up.
    await storeVisit(store, names, { block: 1, verdict });
    assert.equal(progress(), null);
    await until('what is stored', () => progress() !== null);
    assert.equal(progress()?.plan?.total, 3);
    assert.deepEqual(progress()?.visits, { completed: 1, rejected: 0, failed: 0 });
    assert.equal(progress()?.announced.get('0/local'), 2);

    await server.kill();
    await server.restart();
    await storeVisit(store, names, { block: 1, attempt: 1, verdict });
    await store.append(names.fetch(0, 'remote'), {
      what: 'Model',
      name: 'm',
      bytes: 1,
      totalBytes: 2,
      at: new Date().toISOString(),
    });
    await store.append(names.begin('x', 0), 'is of no account');
    await store.append(names.worker(0, 'remote'), 'is left out');
    await storeVisit(store, names, { block: 2 });
    await until('what comes', () => progress()?.visits.completed === 2);
    assert.deepEqual(progress()?.visits, { completed: 2, rejected: 1, failed: 0 });
    assert.equal(progress()?.fetches[0]?.bytes, 1);

    const results = await readResults(archive, { scope, objectives: ['LatencyP50'], links: [], backoffLimit: 1 });
    assert.deepEqual(results.visits, { completed: 2, rejected: 1, failed: 0 });
    assert.deepEqual([results.total, results.figures.bestCut, results.figures.latencyP50], [3, 'conv1', '11.0ms']);
    followers.drop(scope.uid);
    assert.equal(followers.size, 0);
  } finally {
    stop.abort();
    await within(10_000, 'nothing is followed', followers.ended());
    await connection.close();
  }
});

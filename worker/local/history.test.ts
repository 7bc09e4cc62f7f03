import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect } from 'nats';
import { recordFixture } from '../../api/record/testing/fixture.ts';
import { subjects } from '../../api/subjects.ts';
import { openStore } from '../../store/store.ts';
import { testNatsServer } from '../../test/support/nats.ts';
import { readHistory } from './history.ts';

const names = subjects({ cluster: 'c', namespace: 'n', uid: 'u' });
const verdict = { result: 'Rejected', reason: 'LinkInterrupted', message: '' } as const;
const [lost, bad, good] = ['a'.repeat(16), 'b'.repeat(16), 'c'.repeat(16)] as const;

test('what is stored decides what is left to do, and what is added counts too', {
  timeout: 60_000,
}, async (context) => {
  await using server = await testNatsServer();
  const connection = await connect(server.connection);
  context.after(() => connection.close());
  const store = openStore(connection);
  await store.ensureStreams();
  const begin = (visitId: string, attempt: number) => store.create(names.begin(visitId, attempt), { podAttempt: 0 });
  await begin(`${lost}-0`, 0);
  await begin(`${bad}-0`, 0);
  for (const record of [recordFixture({ trialId: bad, verdict }), recordFixture({ trialId: good })]) {
    await store.create(names.record(record.visitId, record.attempt), record);
  }

  const history = await readHistory(store, names);
  assert.deepEqual(history.next(`${lost}-0`, 2), { step: 'Run', attempt: 1 });
  assert.deepEqual(history.next(`${lost}-0`, 0), { step: 'GiveUp', attempt: 0 });
  assert.deepEqual(history.next(`${bad}-0`, 2), { step: 'Run', attempt: 1 });
  assert.deepEqual(history.next(`${good}-0`, 2), { step: 'Done' });
  assert.deepEqual(history.next(`${good}-1`, 2), { step: 'Run', attempt: 0 });
  history.add(recordFixture({ trialId: bad, attempt: 1 }));
  assert.deepEqual(history.next(`${bad}-0`, 2), { step: 'Done' });
});

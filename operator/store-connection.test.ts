import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { usernamePasswordAuthenticator } from 'nats';
import { subjects } from '../api/subjects.ts';
import { within } from '../test/support/deadline.ts';
import { testNatsServer, testUser } from '../test/support/nats.ts';
import { silentLogger } from './runtime/logger.ts';
import { connectStore } from './store-connection.ts';

const names = subjects({ cluster: 'test', namespace: 'default', uid: 'u1' });

test('a server that comes back is taken up again, and without its volume gets its streams anew', async () => {
  await using nats = await testNatsServer();
  await using stored = connectStore({
    url: nats.url,
    authenticator: usernamePasswordAuthenticator(testUser.user, testUser.password),
    inboxPrefix: '_INBOX_test',
    logger: silentLogger,
  });
  const back = () => {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    stored.onChange((emptied) => stored.problem() === null && resolve(emptied));
    return within(30_000, 'the store', promise);
  };
  assert.equal(stored.id(), null);
  assert.equal(await back(), false);
  const id = stored.id();
  assert.match(id ?? '', /^[0-9a-f]{16}$/);
  await stored.store.append(names.retention, { kept: true });

  await nats.kill();
  await nats.restart();
  assert.equal(await back(), false);
  assert.equal(stored.id(), id);
  assert.deepEqual((await stored.archive.newest('records', names.retention))?.value, { kept: true });

  await nats.kill();
  await rm(join(nats.folder, 'jetstream'), { recursive: true });
  await nats.restart();
  assert.equal(await back(), true);
  assert.notEqual(stored.id(), id);
  assert.equal(await stored.archive.newest('records', names.retention), null);
  await stored.store.append(names.retention, { kept: false });
  assert.deepEqual((await stored.archive.newest('records', names.retention))?.value, { kept: false });
});

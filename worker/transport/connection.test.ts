import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testNatsServer, testUser } from '../../test/support/nats.ts';
import { openConnection } from './connection.ts';
import { LinkInterrupted } from './errors.ts';

const login = { user: testUser.user, password: testUser.password, name: 'test', retryDelayMs: 10 };

test('it waits for a server that is not there yet', async () => {
  await using nats = await testNatsServer();
  await nats.kill();
  const connecting = openConnection({ ...login, url: nats.url });
  await nats.restart();
  await using connection = await connecting;
  await connection.client.flush();
});

test('waiting ends with the reason of the signal', async () => {
  await using nats = await testNatsServer();
  await nats.kill();
  const abort = new AbortController();
  const connecting = openConnection({ ...login, url: nats.url, signal: abort.signal });
  const reason = new Error('superseded');
  abort.abort(reason);
  await assert.rejects(connecting, (error) => error === reason);
});

test('wrong credentials are refused at once', async () => {
  await using nats = await testNatsServer();
  await assert.rejects(openConnection({ ...login, url: nats.url, password: 'wrong' }), /Authorization/i);
});

test('an interruption is told, and bytes are counted across sockets', async () => {
  await using nats = await testNatsServer();
  await using connection = await openConnection({ ...login, url: nats.url });
  const told = new Promise((resolve) => connection.onInterruption(resolve));
  const { up } = connection.socketBytes();
  assert.ok(up > 0);
  await nats.kill();
  assert.ok((await told) instanceof LinkInterrupted);
  assert.equal(connection.connected, false);
  await assert.rejects(connection.handedOver(), LinkInterrupted);
  await nats.restart();
  await connection.ready();
  await connection.handedOver();
  assert.ok(connection.socketBytes().up >= 2 * up);
});

test('waiting for a closed connection is an error', async () => {
  await using nats = await testNatsServer();
  const connection = await openConnection({ ...login, url: nats.url });
  await connection.close();
  await assert.rejects(connection.ready(), LinkInterrupted);
});

test('two connections count their own sockets', async () => {
  await using nats = await testNatsServer();
  await using one = await openConnection({ ...login, url: nats.url });
  await using other = await openConnection({ ...login, url: nats.url });
  const before = other.socketBytes().up;
  one.client.publish('x', new Uint8Array(1000));
  await one.handedOver();
  assert.equal(other.socketBytes().up, before);
});

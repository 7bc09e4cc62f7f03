import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { connect } from 'nats';
import { testNatsServer, testUser } from '../test/support/nats.ts';
import { isAtLeast } from './nats-server/binary.ts';
import { cacheFolder, findNatsServer, NatsServerFailed, NatsServerMissing, startNatsServer } from './nats-server.ts';

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'splitlab-nats-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

test('a client with credentials is served, one without is refused', async () => {
  await using nats = await testNatsServer();
  const client = await connect(nats.connection);
  await client.flush();
  await client.close();
  await assert.rejects(connect({ servers: nats.url, reconnect: false }), /Authorization/i);
});

test('the configuration with its passwords is readable by its owner alone', async () => {
  await using nats = await testNatsServer();
  assert.equal((await stat(join(nats.folder, 'nats-server.conf'))).mode & 0o777, 0o600);
});

test('a user publishes and subscribes only where it may', async (t) => {
  const folder = await temporaryFolder(t);
  const users = [{ user: 'a', password: 'b', permissions: { publish: ['mine.>'], subscribe: ['mine.>'] } }];
  await using server = await startNatsServer({ folder, users });
  const client = await connect({ servers: server.url, user: 'a', pass: 'b' });
  t.after(() => client.close());
  const refused = new Promise<Error>((resolve) => {
    client.subscribe('yours.x', {
      callback: (error) => {
        if (error) resolve(error);
      },
    });
  });
  assert.match((await refused).message, /Permissions Violation/i);
});

test('after a kill it comes back on the same port', async () => {
  await using nats = await testNatsServer();
  await nats.kill();
  await nats.restart();
  const client = await connect(nats.connection);
  await client.flush();
  await client.close();
});

test('a port that is taken is an error with the server’s own words', async (t) => {
  const folder = await temporaryFolder(t);
  await using nats = await testNatsServer();
  await assert.rejects(startNatsServer({ folder, users: [testUser], port: nats.port }), (error) => {
    assert.ok(error instanceof NatsServerFailed);
    assert.match(error.message, /address already in use/);
    return true;
  });
});

/** How a connection to a port ends: the code of its error, or `closed`. */
function outcome(port: number): Promise<string> {
  return new Promise((resolve) => {
    createConnection(port, '127.0.0.1')
      .on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
      .on('close', () => resolve('closed'))
      .resume();
  });
}

for (const guardedBy of ['auto', 'pipe'] as const) {
  test(`stop ends the server (guard: ${guardedBy})`, async (t) => {
    const folder = await temporaryFolder(t);
    const server = await startNatsServer({ folder, users: [testUser], guardedBy });
    await server.stop();
    assert.throws(() => process.kill(server.pid, 0), { code: 'ESRCH' });
    await server.exited;
  });

  test(`the server dies with its parent, even of SIGKILL (guard: ${guardedBy})`, { timeout: 60_000 }, async (t) => {
    const folder = await temporaryFolder(t);
    const script = `
      import { startNatsServer } from ${JSON.stringify(new URL('./nats-server.ts', import.meta.url).href)};
      const users = [{ user: 'test', password: 'test' }];
      const server = await startNatsServer({ folder: ${JSON.stringify(folder)}, users, guardedBy: '${guardedBy}' });
      console.log(server.port);
      setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ['--input-type=module-typescript', '--eval', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    t.after(() => parent.kill('SIGKILL'));
    const [port] = await once(createInterface(parent.stdout), 'line');
    parent.kill('SIGKILL');
    // Each connection that is still accepted ends with the server; then there is none to accept another.
    while ((await outcome(Number(port))) !== 'ECONNREFUSED');
  });
}

test('without a server and without Go the error names the three ways', async (t) => {
  const folder = await temporaryFolder(t);
  const old = join(folder, 'old');
  await mkdir(old);
  await writeFile(join(old, 'nats-server'), '#!/bin/sh\necho nats-server: v2.9.10\n');
  await chmod(join(old, 'nats-server'), 0o755);
  await assert.rejects(findNatsServer({ env: { PATH: old, SPLITLAB_CACHE: join(folder, 'cache') } }), (error) => {
    assert.ok(error instanceof NatsServerMissing);
    assert.match(error.message, /version 2\.9\.10 is older than 2\.11\.0/);
    for (const way of [/PATH/, /install Go/, /SPLITLAB_CACHE/]) assert.match(error.message, way);
    return true;
  });
});

test('the server is built once into the cache folder and then found there', async (t) => {
  const folder = await temporaryFolder(t);
  // Stands for Go: compiling the real one takes half a minute and the network.
  const go = `#!/bin/sh\nprintf '#!/bin/sh\\necho nats-server: v2.15.2\\n' > "$GOBIN/nats-server"; /bin/chmod 755 "$GOBIN/nats-server"\n`;
  await writeFile(join(folder, 'go'), go);
  await chmod(join(folder, 'go'), 0o755);
  const cache = join(folder, 'cache');
  const lines: string[] = [];
  const find = (PATH: string) =>
    findNatsServer({ env: { PATH, SPLITLAB_CACHE: cache }, log: (line) => lines.push(line) });
  const built = await find(folder);
  assert.equal(await find(''), built);
  assert.equal(lines.length, 1);
  assert.deepEqual(await readdir(join(built, '..')), ['nats-server']);
});

test('versions compare by number', () => {
  assert.ok(isAtLeast('2.11.0', '2.11.0'));
  assert.ok(isAtLeast('2.100.0', '2.11.5'));
  assert.ok(!isAtLeast('2.9.99', '2.11.0'));
});

test('the cache folder is the one named, else in the user’s own', () => {
  assert.equal(cacheFolder({ SPLITLAB_CACHE: '/a/b' }), '/a/b');
  assert.match(cacheFolder({}), /splitlab$/);
});

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { connect, type NatsConnection } from 'nats';
import { type ConfigureLink, type LinkStatusRequest, linkStatusSchema } from '../../api/messages/link.ts';
import { errorReplySchema } from '../../api/messages/worker.ts';
import { subjects } from '../../api/subjects.ts';
import { testNatsServer } from '../../test/support/nats.ts';

const deadline = { timeout: 60_000 };
const scope = { cluster: 'c', namespace: 'n', uid: 'u' };
const login = { user: 'test', pass: 'test' };

interface Running extends AsyncDisposable {
  readonly child: ChildProcess;
  /** Resolves when it has logged this event, now or earlier. */
  logged(message: string): Promise<void>;
}

async function startLink(nats: { readonly url: string }): Promise<Running> {
  const folder = await mkdtemp(join(tmpdir(), 'splitlab-link-'));
  const file = join(folder, 'link.json');
  const config = {
    experiment: { name: 'link', namespace: 'n' },
    scope,
    lane: 0,
    nats: { url: nats.url, user: 'test', password: 'test' },
  };
  await writeFile(file, JSON.stringify(config));
  const main = new URL('./main.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [main, file], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  const events = new Map<string, PromiseWithResolvers<void>>();
  const event = (name: string) => {
    const known = events.get(name) ?? Promise.withResolvers<void>();
    events.set(name, known);
    return known;
  };
  assert.ok(child.stdout);
  createInterface(child.stdout).on('line', (line) => event(JSON.parse(line).msg).resolve());
  return {
    child,
    logged: (name) => event(name).promise,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) {
        const exit = once(child, 'exit');
        child.kill('SIGKILL');
        await exit;
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function ask(connection: NatsConnection, request: string, body: unknown) {
  const message = await connection.request(subjects(scope).link(0, 'here', request), JSON.stringify(body), {
    timeout: 5000,
  });
  return errorReplySchema.or(linkStatusSchema).parse(message.json());
}

const configure = (connection: NatsConnection, body: ConfigureLink) => ask(connection, 'configure', body);
const status = async (connection: NatsConnection, body: LinkStatusRequest = {}) => {
  const reply = await ask(connection, 'status', body);
  assert.ok('instance' in reply);
  return reply;
};

/** A client of the server, or of the link before it. */
async function control(nats: { readonly url: string }) {
  const connection = await connect({ servers: nats.url, ignoreClusterUpdates: true, ...login });
  return { connection, [Symbol.asyncDispose]: () => connection.close() };
}

const direction = { bitsPerSecond: 8_000_000, delayMs: 15 };

test('it is configured over NATS and shapes NATS', deadline, async () => {
  await using nats = await testNatsServer();
  await using link = await startLink(nats);
  await using outside = await control(nats);
  await link.logged('connected');
  const before = await status(outside.connection);
  assert.equal(before.profile, null);
  const after = await configure(outside.connection, { profile: { uplink: direction, downlink: direction } });
  assert.ok('profile' in after);
  assert.deepEqual(after.profile, { uplink: direction, downlink: direction });
  assert.equal(after.instance, before.instance);

  await using data = await control({ url: `nats://127.0.0.1:${after.port}` });
  assert.ok((await data.connection.rtt()) >= 2 * direction.delayMs);
  const { connections, uplink } = await status(outside.connection, { resetStatistics: true });
  assert.equal(connections, 1);
  assert.ok(uplink.payloadBytes > 0);
  assert.equal((await status(outside.connection)).uplink.payloadBytes, 0);
});

test('a request that is not what the contract says is refused and changes nothing', deadline, async () => {
  await using nats = await testNatsServer();
  await using link = await startLink(nats);
  await using outside = await control(nats);
  await link.logged('connected');
  for (const body of [{ profile: { uplink: direction } }, { profile: null, extra: 1 }, {}, [], 5]) {
    const reply = await ask(outside.connection, 'configure', body);
    assert.ok('error' in reply, JSON.stringify(body));
    assert.equal(reply.error.code, 'LinkRequestInvalid');
  }
  const slow = { bitsPerSecond: 1000, delayMs: 0 };
  const refused = await configure(outside.connection, { profile: { uplink: slow, downlink: direction } });
  assert.match('error' in refused ? refused.error.message : '', /uplink\.bitsPerSecond/);
  assert.equal((await status(outside.connection)).profile, null);
});

test('started anew it is another instance without a profile', deadline, async () => {
  await using nats = await testNatsServer();
  await using outside = await control(nats);
  await using first = await startLink(nats);
  await first.logged('connected');
  await configure(outside.connection, { profile: { uplink: direction, downlink: direction } });
  const { instance } = await status(outside.connection);
  const killed = once(first.child, 'exit');
  first.child.kill('SIGKILL');
  await killed;
  await using second = await startLink(nats);
  await second.logged('connected');
  const after = await status(outside.connection);
  assert.notEqual(after.instance, instance);
  assert.equal(after.profile, null);
});

test('it waits for its server and comes back after it', deadline, async () => {
  await using nats = await testNatsServer();
  await nats.kill();
  await using link = await startLink(nats);
  await link.logged('listening');
  await nats.restart();
  await link.logged('connected');
  await nats.kill();
  await link.logged('the control connection broke');
  await nats.restart();
  await link.logged('the control connection is there again');
  await using outside = await control(nats);
  assert.equal((await status(outside.connection)).profile, null);
});

for (const [how, stop, end] of [
  ['SIGTERM', (child: ChildProcess) => child.kill('SIGTERM'), [143, null]],
  ['SIGINT', (child: ChildProcess) => child.kill('SIGINT'), [143, null]],
  ['the end of its parent', (child: ChildProcess) => child.disconnect(), [null, 'SIGKILL']],
] as const) {
  test(`it ends on ${how}, with or without a server`, deadline, async () => {
    await using nats = await testNatsServer();
    await using connected = await startLink(nats);
    await connected.logged('connected');
    await using waiting = await startLink({ url: 'nats://127.0.0.1:1' });
    await waiting.logged('listening');
    for (const { child } of [connected, waiting]) {
      const exit = once(child, 'exit');
      stop(child);
      assert.deepEqual(await exit, end);
    }
  });
}

test('it says why it cannot start', deadline, async () => {
  const main = new URL('./main.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [main, '/nowhere.json'], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (text) => {
    output += text;
  });
  assert.deepEqual(await once(child, 'close'), [2, null]);
  assert.match(JSON.parse(output).err.message, /nowhere\.json/);
});

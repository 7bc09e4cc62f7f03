import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { monotonicMs } from '../measure/now.ts';
import { type LinkEmulator, startEmulator } from './emulator.ts';
import { startUpstream, type Upstream } from './testing/upstream.ts';
import { fluidTransferMs } from './wire.ts';

const deadline = { timeout: 30_000 };
const echo = (socket: Socket) => socket.pipe(socket);

const emulatorFor = (upstream: Upstream) =>
  startEmulator({ listen: { host: '127.0.0.1', port: 0 }, upstream: [upstream.address] });

async function dial(emulator: LinkEmulator): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port: emulator.port, allowHalfOpen: true });
  await once(socket, 'connect');
  // Disposing the other end resets what a test left open.
  socket.on('error', () => {});
  return socket;
}

/** Sends bytes and an end; resolves to all that came back until the other side's end. */
async function exchange(socket: Socket, bytes: Uint8Array): Promise<Buffer> {
  socket.end(bytes);
  return buffer(socket);
}

test('unshaped, all bytes and both ends pass', deadline, async () => {
  await using upstream = await startUpstream(echo);
  await using emulator = await emulatorFor(upstream);
  const bytes = randomBytes(5_000_000);
  assert.ok((await exchange(await dial(emulator), bytes)).equals(bytes));
  assert.equal(emulator.status().uplink.payloadBytes, bytes.length);
  assert.equal(emulator.status().downlink.payloadBytes, bytes.length);
  assert.equal(emulator.status().lateness.count, 0);
});

test('shaped, all bytes pass, none before its time', deadline, async () => {
  await using upstream = await startUpstream(echo);
  await using emulator = await emulatorFor(upstream);
  const uplink = { bitsPerSecond: 20_000_000, delayMs: 20 };
  const downlink = { bitsPerSecond: 50_000_000, delayMs: 5 };
  emulator.configure({ uplink, downlink });
  const bytes = randomBytes(300_000);
  const socket = await dial(emulator);
  const startMs = monotonicMs();
  assert.ok((await exchange(socket, bytes)).equals(bytes));
  assert.ok(monotonicMs() - startMs >= fluidTransferMs(bytes.length, uplink) + downlink.delayMs);
  const status = emulator.status();
  assert.deepEqual(status.profile, { uplink, downlink });
  assert.ok(status.uplink.queuePeakBytes > 50_000);
  assert.ok(status.lateness.count > 0);

  const { uplink: up, downlink: down } = emulator.bursts();
  for (const [direction, { delayMs }] of [
    [up, uplink],
    [down, downlink],
  ] as const) {
    const count = direction.payloadBytes.length;
    assert.equal(direction.omitted, 0);
    assert.equal(
      direction.payloadBytes.reduce((sum, part) => sum + part, 0),
      bytes.length,
    );
    for (let index = 0; index < count; index++) {
      const at = (name: 'firstInMs' | 'lastInMs' | 'lastServedMs' | 'lastDeliveredMs') => direction[name][index] ?? NaN;
      assert.ok(
        startMs <= at('firstInMs') && at('firstInMs') <= at('lastInMs') && at('lastInMs') <= at('lastServedMs'),
      );
      assert.ok(at('lastDeliveredMs') >= at('lastServedMs') + delayMs - 0.001, 'never early');
    }
  }
});

test('connections share the link', deadline, async () => {
  await using upstream = await startUpstream(echo);
  await using emulator = await emulatorFor(upstream);
  const uplink = { bitsPerSecond: 20_000_000, delayMs: 0 };
  emulator.configure({ uplink, downlink: { bitsPerSecond: 1_000_000_000, delayMs: 0 } });
  const sockets = await Promise.all([dial(emulator), dial(emulator), dial(emulator)]);
  const startMs = monotonicMs();
  const parts = sockets.map(() => randomBytes(100_000));
  const back = await Promise.all(sockets.map((socket, i) => exchange(socket, parts[i] ?? Buffer.alloc(0))));
  assert.ok(back.every((bytes, i) => parts[i]?.equals(bytes)));
  assert.ok(monotonicMs() - startMs >= fluidTransferMs(300_000, uplink));
});

test('the profile changes in the middle of a stream', deadline, async () => {
  await using upstream = await startUpstream(echo);
  await using emulator = await emulatorFor(upstream);
  const direction = { bitsPerSecond: 1_000_000, delayMs: 50 };
  emulator.configure({ uplink: direction, downlink: direction });
  const socket = await dial(emulator);
  const bytes = randomBytes(2_000_000);
  const received = exchange(socket, bytes);
  while (emulator.status().uplink.payloadBytes < 500_000) await new Promise(setImmediate);
  emulator.configure({ uplink: { ...direction, bitsPerSecond: 900_000_000 }, downlink: direction });
  assert.ok(emulator.status().uplink.payloadBytes < bytes.length, 'statistics start anew');
  while (emulator.status().downlink.payloadBytes < bytes.length / 2) await new Promise(setImmediate);
  emulator.configure(null);
  assert.ok((await received).equals(bytes));
});

test('a reset passes from either side', deadline, async () => {
  const { promise: accepted, resolve } = Promise.withResolvers<Socket>();
  await using upstream = await startUpstream((socket) => socket.once('data', () => resolve(socket)));
  await using emulator = await emulatorFor(upstream);
  const client = await dial(emulator);
  client.write('x');
  (await accepted).resetAndDestroy();
  await assert.rejects(once(client, 'end'), { code: 'ECONNRESET' });

  const second = Promise.withResolvers<Socket>();
  await using other = await startUpstream((socket) => second.resolve(socket.resume()));
  await using link = await emulatorFor(other);
  const caller = await dial(link);
  caller.write('x');
  const server = await second.promise;
  const failed = once(server, 'end');
  caller.resetAndDestroy();
  await assert.rejects(failed, { code: 'ECONNRESET' });
});

test('it outlives its upstream', deadline, async () => {
  const errors: Error[] = [];
  const upstream = await startUpstream(echo);
  await using emulator = await startEmulator({
    listen: { host: '127.0.0.1', port: 0 },
    upstream: [upstream.address],
    onError: (error) => errors.push(error),
  });
  await upstream[Symbol.asyncDispose]();
  await assert.rejects(buffer(await dial(emulator)), { code: 'ECONNRESET' });
  assert.match(String(errors), /ECONNREFUSED/);
  await using _again = await startUpstream(echo, upstream.address.port);
  assert.equal((await exchange(await dial(emulator), Buffer.from('back'))).toString(), 'back');
  assert.equal(emulator.status().connections, 0);
});

test('a slow link holds up its sender, a faster one lets it go on', deadline, async () => {
  const received = Promise.withResolvers<number>();
  await using upstream = await startUpstream(async (socket) => received.resolve((await buffer(socket)).length));
  await using emulator = await emulatorFor(upstream);
  const direction = { bitsPerSecond: 1_000_000, delayMs: 1 };
  emulator.configure({ uplink: direction, downlink: direction });
  const client = await dial(emulator);
  client.end(Buffer.alloc(150_000_000));
  while (emulator.status().uplink.payloadBytes < 60_000_000) await new Promise(setImmediate);
  assert.ok(emulator.status().uplink.payloadBytes < 70_000_000);
  assert.ok(client.writableLength > 0);
  emulator.configure(null);
  assert.equal(await received.promise, 150_000_000);
});

test('a receiver that does not read holds up its sender', deadline, async () => {
  const accepted = Promise.withResolvers<Socket>();
  await using upstream = await startUpstream((socket) => accepted.resolve(socket.pause()));
  await using emulator = await emulatorFor(upstream);
  const client = await dial(emulator);
  const size = 150_000_000;
  client.end(Buffer.alloc(size));
  const receiver = await accepted.promise;
  // Sender, emulator and receiver keep a few megabytes each; all is still when nothing moves for 200 turns of the loop.
  for (let last = -1, turns = 0; turns < 200; turns++) {
    const { payloadBytes } = emulator.status().uplink;
    if (payloadBytes !== last) turns = 0;
    last = payloadBytes;
    await new Promise(setImmediate);
  }
  assert.ok(emulator.status().uplink.payloadBytes < size);
  assert.equal((await buffer(receiver)).length, size);
});

test('disposed, it does not listen any more and its connections are gone', deadline, async () => {
  await using upstream = await startUpstream(echo);
  const emulator = await emulatorFor(upstream);
  const direction = { bitsPerSecond: 1_000_000, delayMs: 1_000 };
  emulator.configure({ uplink: direction, downlink: direction });
  const client = await dial(emulator);
  const gone = assert.rejects(once(client.resume(), 'end'), { code: 'ECONNRESET' });
  client.write(Buffer.alloc(100_000));
  while (emulator.status().uplink.payloadBytes === 0) await new Promise(setImmediate);
  await emulator[Symbol.asyncDispose]();
  await gone;
  await assert.rejects(dial(emulator), { code: 'ECONNREFUSED' });
});

test('a port in use is refused', deadline, async () => {
  await using upstream = await startUpstream(echo);
  await assert.rejects(startEmulator({ listen: upstream.address, upstream: [upstream.address] }), {
    code: 'EADDRINUSE',
  });
});

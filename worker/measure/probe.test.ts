import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect, type NatsConnection } from 'nats';
import { testNatsServer } from '../../test/support/nats.ts';
import { startEmulator } from '../link/emulator.ts';
import { deliverBytes, publishBytes } from './probe/train.ts';
import { probeLink, serveProbe } from './probe.ts';

const deadline = { timeout: 60_000 };
const subjects = { up: 'lane.0.up.probe', down: 'lane.0.down.probe' };
const uplink = { bitsPerSecond: 10_000_000, delayMs: 8 };
const downlink = { bitsPerSecond: 40_000_000, delayMs: 2 };
const profile = { uplink, downlink };

/** A real server, the remote worker's connection to it, and the local worker's through the link. */
async function setup() {
  await using cleanup = new AsyncDisposableStack();
  const nats = cleanup.use(await testNatsServer());
  const host = '127.0.0.1';
  const emulator = cleanup.use(
    await startEmulator({ listen: { host, port: 0 }, upstream: [{ host, port: nats.port }] }),
  );
  const dial = async (port: number): Promise<NatsConnection> => {
    const servers = `nats://${host}:${port}`;
    const connection = await connect({ servers, user: 'test', pass: 'test', ignoreClusterUpdates: true });
    cleanup.defer(() => connection.close());
    return connection;
  };
  const [local, remote] = [await dial(emulator.port), await dial(nats.port)];
  const close = cleanup.move();
  return { emulator, local, remote, [Symbol.asyncDispose]: () => close.disposeAsync() };
}

test('a shaped link is measured by its receivers', deadline, async () => {
  await using parts = await setup();
  using _remote = serveProbe(parts.remote, subjects);
  await parts.remote.flush();
  parts.emulator.configure(profile);
  const probe = await probeLink(parts.local, subjects, { requested: profile });
  // The figures themselves are shown by bench/link/probe.ts; a busy machine delays single arrivals at will.
  const within = (value: number, expected: number) =>
    assert.ok(value > expected / 3 && value < expected * 3, `${value}`);
  within(probe.uplinkBitsPerSecond, uplink.bitsPerSecond);
  within(probe.downlinkBitsPerSecond, downlink.bitsPerSecond);
  assert.ok(probe.rttMilliseconds > 9);
});

test('an unshaped link is measured too', deadline, async () => {
  await using parts = await setup();
  using _remote = serveProbe(parts.remote, subjects);
  await parts.remote.flush();
  const probe = await probeLink(parts.local, subjects, { requested: null });
  assert.ok(probe.uplinkBitsPerSecond > 1e6 && Number.isFinite(probe.uplinkBitsPerSecond));
  assert.ok(probe.downlinkBitsPerSecond > 1e6 && Number.isFinite(probe.downlinkBitsPerSecond));
  assert.ok(probe.rttMilliseconds > 0);
});

test('a message is as many bytes on the link as the probe thinks', deadline, async () => {
  await using parts = await setup();
  const subscription = parts.local.subscribe('down.x', { callback() {} });
  await parts.local.flush();
  const before = parts.emulator.status();
  parts.local.publish('up.x', new Uint8Array(12_345));
  parts.remote.publish('down.x', new Uint8Array(678));
  await parts.remote.flush();
  await parts.local.flush();
  const after = parts.emulator.status();
  const [ping, pong] = ['PING\r\n'.length, 'PONG\r\n'.length];
  assert.equal(after.uplink.payloadBytes - before.uplink.payloadBytes, publishBytes('up.x', 12_345) + ping);
  const down = deliverBytes('down.x', subscription.getID(), 678) + pong;
  assert.equal(after.downlink.payloadBytes - before.downlink.payloadBytes, down);
});

test('a remote that does not answer is an error that says what to check', deadline, async () => {
  await using parts = await setup();
  await assert.rejects(probeLink(parts.local, subjects, { requested: profile, timeoutMs: 50 }), {
    code: 'ProbeFailed',
    message: /ping on lane\.0\.up\.probe.*remote worker/,
  });
});

test('a probe can be aborted', deadline, async () => {
  await using parts = await setup();
  const stop = new AbortController();
  const probe = probeLink(parts.local, subjects, { requested: null, signal: stop.signal });
  stop.abort(new Error('enough'));
  await assert.rejects(probe, /enough/);
});

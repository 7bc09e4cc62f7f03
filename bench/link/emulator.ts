/**
 * The link emulator against an independent sender and receiver, each a process of its own:
 * `node bench/link/emulator.ts [thread|blocking|polling]`. Rate: a stream's bytes over the time between its first and
 * last arrival. Delay: from before the write to the last byte's arrival, less what the link model says, for messages
 * of 64 bytes (the base delay) and 64 KB (a transfer), each on an idle link. A process that has slept for 50 ms takes
 * 0.1 to 0.3 ms to send or receive anything, emulated or not; so the same processes are timed over a direct connection
 * after the same sleep, and the bar is for what the emulator is off beyond that.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LinkStatus } from '../../api/messages/link.ts';
import { fluidTransferMs, wireBytes } from '../../worker/link/wire.ts';
import type { Received, Sent } from './peer.ts';
import { type Peer, start } from './process.ts';

export interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly reach: string;
  readonly met: boolean;
}

interface Case {
  readonly direction: 'up' | 'down';
  readonly megabits: number;
  readonly delayMs: number;
  readonly ratePercent: number;
  readonly delayErrorMs: number;
  readonly delayErrorP90Ms: number;
  readonly directMs: number;
  readonly transferErrorMs: number;
  readonly latenessP50Ms: number | null;
  readonly latenessP99Ms: number | null;
  readonly cpuPercent: number;
}

const rates = [1, 10, 100, 1000];
const delays = [0.5, 5, 50];
const streamSeconds = 0.5;
const messages = 21;

/** Rows for the table of all benchmarks; takes about a minute. */
export async function run(): Promise<Row[]> {
  return (await measureAll('thread')).flatMap((c) => {
    const delayErrorMs = c.delayErrorMs - c.directMs;
    const name = `emulator ${c.megabits} Mbit/s, ${c.delayMs} ms, ${c.direction}`;
    return [
      {
        name: `${name}: rate`,
        value: c.ratePercent,
        unit: '% off',
        reach: 'within 1',
        met: Math.abs(c.ratePercent) <= 1,
      },
      {
        name: `${name}: delay beyond a direct connection`,
        value: delayErrorMs,
        unit: 'ms off',
        reach: 'within 0.3',
        met: Math.abs(delayErrorMs) <= 0.3,
      },
    ];
  });
}

async function measureAll(alarm: string): Promise<Case[]> {
  const direct = await measureDirect();
  await using far = start('./peer.ts', 'listen');
  const upstream = await far.next<{ port: number }>();
  await using emulator = start('./emulator-process.ts', String(upstream.port), alarm);
  const { port } = await emulator.next<{ port: number }>();
  await using near = start('./peer.ts', 'connect', String(port));
  await near.next();
  const cases: Case[] = [];
  for (const megabits of rates) {
    for (const delayMs of delays) {
      const link = { megabits, delayMs, directMs: direct.get(delayMs) ?? Number.NaN };
      cases.push(await measure(emulator, near, far, { ...link, direction: 'up' }));
      cases.push(await measure(emulator, far, near, { ...link, direction: 'down' }));
    }
  }
  return cases;
}

/** Median milliseconds of a small message between the processes without the emulator, after each delay's sleep. */
async function measureDirect(): Promise<ReadonlyMap<number, number>> {
  await using far = start('./peer.ts', 'listen');
  const { port } = await far.next<{ port: number }>();
  await using near = start('./peer.ts', 'connect', String(port));
  await near.next();
  const medians = new Map<number, number>();
  for (const delayMs of delays) {
    const times: number[] = [];
    for (let i = 0; i < messages; i++) {
      const { sent, received } = await transfer(near, far, 64, delayMs);
      times.push(received.lastMs - sent.sentMs);
    }
    medians.set(delayMs, quantile(times, 0.5));
  }
  return medians;
}

type Status = LinkStatus & { readonly cpuMicroseconds: number };

async function measure(
  emulator: Peer,
  sender: Peer,
  receiver: Peer,
  link: Pick<Case, 'direction' | 'megabits' | 'delayMs' | 'directMs'>,
): Promise<Case> {
  const rate = { bitsPerSecond: link.megabits * 1e6, delayMs: link.delayMs };
  emulator.send({ profile: { uplink: rate, downlink: rate } });
  const before = await emulator.next<Status>();
  const startMs = performance.now();

  const bytes = Math.round((rate.bitsPerSecond / 8) * streamSeconds);
  const { received } = await transfer(sender, receiver, bytes);
  const bits = (wireBytes(bytes) - wireBytes(received.firstBytes)) * 8;
  const measured = bits / ((received.lastMs - received.firstMs) / 1000);

  const delayErrors = await errors(sender, receiver, 64, messages, rate);
  const transferErrors = await errors(sender, receiver, 65_536, link.megabits < 10 ? 1 : 7, rate);
  emulator.send({});
  const after = await emulator.next<Status>();
  return {
    ...link,
    ratePercent: (measured / rate.bitsPerSecond - 1) * 100,
    delayErrorMs: quantile(delayErrors, 0.5),
    delayErrorP90Ms: quantile(delayErrors, 0.9),
    transferErrorMs: quantile(transferErrors, 0.5),
    latenessP50Ms: after.lateness.p50Ms,
    latenessP99Ms: after.lateness.p99Ms,
    cpuPercent: (after.cpuMicroseconds - before.cpuMicroseconds) / 10 / (performance.now() - startMs),
  };
}

async function errors(
  sender: Peer,
  receiver: Peer,
  bytes: number,
  count: number,
  rate: { readonly bitsPerSecond: number; readonly delayMs: number },
): Promise<number[]> {
  const out: number[] = [];
  for (let i = 0; i < count; i++) {
    const { sent, received } = await transfer(sender, receiver, bytes);
    out.push(received.lastMs - sent.sentMs - fluidTransferMs(bytes, rate));
  }
  return out;
}

async function transfer(sender: Peer, receiver: Peer, bytes: number, sleepMs = 0) {
  receiver.send({ expect: bytes });
  await receiver.next();
  if (sleepMs > 0) await sleep(sleepMs);
  sender.send({ send: bytes });
  const sent = await sender.next<Sent>();
  return { sent, received: await receiver.next<Received>() };
}

function quantile(values: readonly number[], p: number): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(p * values.length) - 1] ?? Number.NaN;
}

if (import.meta.main) {
  const round = (value: unknown) => (typeof value === 'number' ? Math.round(value * 1000) / 1000 : value);
  const cases = await measureAll(process.argv[2] ?? 'thread');
  console.table(cases.map((c) => Object.fromEntries(Object.entries(c).map(([key, value]) => [key, round(value)]))));
}

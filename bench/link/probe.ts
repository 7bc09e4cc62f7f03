/**
 * How close the workers' own link probe comes to what the emulator was asked for: `node bench/link/probe.ts`, through a
 * real NATS server, the remote half in a process of its own. Errors are the worst of several probes.
 */
import { connect } from 'nats';
import { testNatsServer } from '../../test/support/nats.ts';
import { probeLink } from '../../worker/measure/probe.ts';
import { start } from './process.ts';

const probes = 7;
await using nats = await testNatsServer();
await using remote = start('./probe-remote.ts', nats.url);
await remote.next();
await using emulator = start('./emulator-process.ts', String(nats.port));
const { port } = await emulator.next<{ port: number }>();
const connection = await connect({
  servers: `nats://127.0.0.1:${port}`,
  user: 'test',
  pass: 'test',
  ignoreClusterUpdates: true,
});
const rows: Record<string, number | string>[] = [];
for (const megabits of [1, 10, 100, 1000]) {
  for (const delayMs of [0.5, 5, 50]) {
    const direction = { bitsPerSecond: megabits * 1e6, delayMs };
    rows.push({ megabits, delayMs, ...(await measure({ uplink: direction, downlink: direction })) });
  }
}
rows.push({ megabits: 'none', ...(await measure(null)) });
console.table(rows);
await connection.close();

async function measure(profile: Parameters<typeof probeLink>[2]['requested']) {
  emulator.send({ profile });
  await emulator.next();
  const up: number[] = [];
  const down: number[] = [];
  const rtt: number[] = [];
  const startMs = performance.now();
  for (let i = 0; i < probes; i++) {
    const probe = await probeLink(connection, { up: 'bench.up', down: 'bench.down' }, { requested: profile });
    up.push(probe.uplinkBitsPerSecond);
    down.push(probe.downlinkBitsPerSecond);
    rtt.push(probe.rttMilliseconds);
  }
  const probeMs = round((performance.now() - startMs) / probes);
  if (profile === null)
    return {
      upMegabits: round(median(up) / 1e6),
      downMegabits: round(median(down) / 1e6),
      rttMs: round(median(rtt)),
      probeMs,
    };
  const percent = (values: number[], expected: number) => values.map((value) => (value / expected - 1) * 100);
  const upPercent = percent(up, profile.uplink.bitsPerSecond);
  const downPercent = percent(down, profile.downlink.bitsPerSecond);
  const rttErrors = rtt.map((value) => value - profile.uplink.delayMs - profile.downlink.delayMs);
  return {
    upPercent: round(median(upPercent)),
    upWorst: round(worst(upPercent)),
    downPercent: round(median(downPercent)),
    downWorst: round(worst(downPercent)),
    rttOffMs: round(median(rttErrors)),
    rttWorstMs: round(worst(rttErrors)),
    probeMs,
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function worst(values: readonly number[]): number {
  return values.toSorted((a, b) => Math.abs(b) - Math.abs(a))[0] ?? Number.NaN;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

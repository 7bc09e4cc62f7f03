import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect as connectSocket, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connect, headers } from 'nats';
import { codecSchema } from '../api/manifest/codec.ts';
import { startNatsServer } from '../cli/nats-server.ts';
import type { Tensor } from '../worker/tensor.ts';
import { encodeJson } from '../worker/transport/codec/json.ts';
import { openConnection } from '../worker/transport/connection.ts';
import { type ExchangeResult, openExchange } from '../worker/transport/exchange.ts';
import { medianMs, print, type Row, reluTensor, row } from './row.ts';

const shape = [1, 64, 224, 224];
const windowBytes = 512 * 1024;
const login = { user: 'bench', password: 'bench' };
const now = () => Number(process.hrtime.bigint()) / 1e6;
const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/**
 * A 12.8 MB tensor through NATS against plain TCP between the same two processes, and Float32 through NATS against JSON
 * over plain TCP as today's testbeds send it; what the time goes into; and other chunk sizes and numbers of connections.
 */
export async function run(): Promise<Row[]> {
  const stack = new AsyncDisposableStack();
  try {
    const folder = await mkdtemp(join(tmpdir(), 'splitlab-bench-'));
    stack.defer(() => rm(folder, { recursive: true, force: true }));
    const server = stack.use(await startNatsServer({ folder, users: [login] }));
    const values = reluTensor(shape);
    const bytes = new Uint8Array(values.buffer);
    const remote = fork(fileURLToPath(new URL('./transport-remote.ts', import.meta.url)), [
      server.url,
      String(bytes.length),
      JSON.stringify(shape),
    ]);
    stack.defer(() => void remote.kill());
    const [{ rawPort, jsonPort }] = await once(remote, 'message');
    const rawMs = await overTcp(rawPort, bytes);
    const nats = await overNats(server.url, server.pid, values);
    const jsonMs = await jsonOverTcp(jsonPort, values);
    const rows = [
      row('12.8 MB up, 4 KB back: plain TCP', rawMs, 'ms'),
      row('12.8 MB up, 4 KB back: NATS', nats.roundTripMs, 'ms'),
      row('NATS against plain TCP', nats.roundTripMs / rawMs, 'times', '<=', 6),
      row('of which CPU of the sender', nats.localCpuMs, 'ms'),
      row('of which CPU of nats-server', nats.serverCpuMs, 'ms'),
      row('of which CPU of the receiver', nats.remoteCpuMs, 'ms'),
      row('encode + transfer + decode: Float32 through NATS', nats.deliveredMs, 'ms'),
      row('encode + transfer + decode: JSON over plain TCP', jsonMs, 'ms'),
      row('JSON against Float32', jsonMs / nats.deliveredMs, 'times', '>=', 12),
    ];
    for (const connections of [1, 2]) {
      for (const kilobytes of [8, 16, 20, 32, 64, 128, 1024]) {
        const ms = await sweep(server.url, bytes, connections, kilobytes * 1024);
        rows.push(row(`sweep: ${connections} connection(s), chunks of ${kilobytes} KB`, ms, 'ms'));
      }
    }
    return rows;
  } finally {
    await stack.disposeAsync();
  }
}

async function tcp(port: number): Promise<Socket> {
  const socket = connectSocket(port, '127.0.0.1').setNoDelay(true);
  await once(socket, 'connect');
  return socket;
}

async function overTcp(port: number, bytes: Uint8Array): Promise<number> {
  const socket = await tcp(port);
  const ms = await medianMs(async () => {
    const back = new Promise<void>((resolve) => {
      let received = 0;
      socket.removeAllListeners('data').on('data', (data) => {
        received += data.length;
        if (received === 4096) resolve();
      });
    });
    socket.write(bytes);
    await back;
  }, 31);
  socket.destroy();
  return ms;
}

async function jsonOverTcp(port: number, values: Float32Array): Promise<number> {
  const socket = await tcp(port);
  const times: number[] = [];
  for (let i = 0; i < 7; i++) {
    const startMs = now();
    const text = encodeJson('x', values, shape);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(text.length);
    socket.write(length);
    socket.write(text);
    const [reply] = await once(socket, 'data');
    times.push(JSON.parse(String(reply)).decodedMs - startMs);
  }
  socket.destroy();
  return median(times.slice(2));
}

async function overNats(url: string, serverPid: number, values: Float32Array) {
  await using connection = await openConnection({ url, ...login, name: 'bench local' });
  await using exchange = await openExchange({ connection, up: 'bench.up', down: 'bench.down', now });
  const tensor: Tensor = { name: 'x', type: 'float32', shape, data: new Uint8Array(values.buffer) };
  const codec = codecSchema.parse({ type: 'Float32' });
  const request = {
    tensors: [tensor],
    codec,
    transfer: 'Sequential',
    meta: {},
    resend: false,
    timeoutMs: 60_000,
  } as const;
  const results: ExchangeResult[] = [];
  const repetitions = 31;
  let [localCpu, serverCpu] = [0, 0];
  for (let i = 0; i < 5 + repetitions; i++) {
    if (i === 5) [localCpu, serverCpu] = [cpuMs(), await cpuMsOf(serverPid)];
    results.push(await exchange.request(request));
  }
  const counted = results.slice(5);
  const remoteCpu = (index: number) => Number(results[index]?.meta.cpuMs);
  return {
    roundTripMs: median(counted.map(({ marks }) => marks.repliedMs - marks.encodeStartMs)),
    deliveredMs: median(counted.map(({ marks }) => marks.remote.decodedMs - marks.encodeStartMs)),
    localCpuMs: (cpuMs() - localCpu) / repetitions,
    serverCpuMs: ((await cpuMsOf(serverPid)) - serverCpu) / repetitions,
    remoteCpuMs: (remoteCpu(4 + repetitions) - remoteCpu(4)) / repetitions,
  };
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** CPU time of another process on Linux (clock ticks of 10 ms), else NaN. */
async function cpuMsOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

async function sweep(url: string, bytes: Uint8Array, connections: number, chunkBytes: number): Promise<number> {
  const options = { servers: url, user: login.user, pass: login.password };
  const clients = await Promise.all(Array.from({ length: connections }, () => connect(options)));
  let resolve = () => {};
  clients[0]?.subscribe('sweep.down', { callback: () => resolve() });
  await clients[0]?.flush();
  const ms = await medianMs(async () => {
    const back = new Promise<void>((done) => {
      resolve = done;
    });
    for (let offset = 0, i = 0; offset < bytes.length; offset += chunkBytes, i++) {
      const header = headers();
      header.set('offset', String(offset));
      clients[i % connections]?.publish('sweep.up', bytes.subarray(offset, offset + chunkBytes), { headers: header });
      // As `sendFrame` does it: bursts of 512 KB.
      if (Math.floor(offset / windowBytes) !== Math.floor((offset + chunkBytes) / windowBytes)) await null;
    }
    await back;
  }, 21);
  await Promise.all(clients.map((client) => client.close()));
  return ms;
}

if (import.meta.main) print(await run());

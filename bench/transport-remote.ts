/** The other process of `bench/transport.ts`: answers over NATS and over plain TCP, on request of its parent. */
import { createServer } from 'node:net';
import { connect } from 'nats';
import { decodeJson } from '../worker/transport/codec/json.ts';
import { openConnection } from '../worker/transport/connection.ts';
import { serveExchange } from '../worker/transport/serve.ts';

const [url = '', bytesText = '', rowsText = ''] = process.argv.slice(2);
const bytes = Number(bytesText);
const shape: number[] = JSON.parse(rowsText);
/** One clock for both processes. */
const now = () => Number(process.hrtime.bigint()) / 1e6;
const login = { user: 'bench', password: 'bench' };
const reply = new Uint8Array(4096);

const connection = await openConnection({ url, ...login, name: 'bench remote' });
const answer = { name: 'y', type: 'float32', shape: [1, 1024], data: reply } as const;
await serveExchange({
  connection,
  up: 'bench.up',
  down: 'bench.down',
  now,
  handler: async () => ({
    tensors: [answer],
    meta: { cpuMs: process.cpuUsage().user / 1e3 + process.cpuUsage().system / 1e3 },
  }),
});

// The sweep: chunks counted, nothing else.
const sweep = await connect({ servers: url, user: login.user, pass: login.password });
const target = new Uint8Array(new SharedArrayBuffer(bytes));
let counted = 0;
sweep.subscribe('sweep.up', {
  callback(_, message) {
    const offset = Number(message.headers?.get('offset'));
    target.set(message.data, offset);
    counted += message.data.length;
    if (counted === bytes) {
      counted = 0;
      sweep.publish('sweep.down', reply);
    }
  },
});
await sweep.flush();

/** Plain TCP: so many bytes, then 4 KB back. */
const raw = createServer((socket) => {
  let received = 0;
  socket.setNoDelay(true).on('data', (data: Buffer) => {
    target.set(data, received);
    received += data.length;
    if (received < bytes) return;
    received = 0;
    socket.write(reply);
  });
});

/** JSON over TCP: a length and a text; back comes the time at which the tensor was there. */
const json = createServer((socket) => {
  let parts: Buffer[] = [];
  let received = 0;
  const floats = new Float32Array(bytes / 4);
  socket.setNoDelay(true).on('data', (data: Buffer) => {
    parts.push(data);
    received += data.length;
    const length = parts[0]?.readUInt32LE(0) ?? 0;
    if (received < 4 + length) return;
    decodeJson('x', Buffer.concat(parts).subarray(4), shape, floats);
    parts = [];
    received = 0;
    socket.write(JSON.stringify({ decodedMs: now() }));
  });
});

const listen = (server: typeof raw) =>
  new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
process.send?.({ rawPort: await listen(raw), jsonPort: await listen(json) });
process.on('disconnect', () => process.exit());

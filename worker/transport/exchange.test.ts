import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectSocket, createServer, type Socket } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import { headers } from 'nats';
import { type Codec, codecSchema } from '../../api/manifest/codec.ts';
import { type TestNatsServer, testNatsServer, testUser } from '../../test/support/nats.ts';
import type { Tensor } from '../tensor.ts';
import { type Connection, openConnection } from './connection.ts';
import { ExchangeTimeout, LinkInterrupted, RemoteFailed } from './errors.ts';
import { type ExchangeRequest, openExchange } from './exchange.ts';
import { type ExchangeHandler, type ServeOptions, serveExchange } from './serve.ts';

const codec = (value: object): Codec => codecSchema.parse(value);
const float32 = codec({ type: 'Float32' });
const now = () => performance.now();
const [up, down] = ['test.up', 'test.down'];

function tensor(values: ArrayLike<number>): Tensor {
  return {
    name: 'x',
    type: 'float32',
    shape: [1, values.length],
    data: new Uint8Array(Float32Array.from(values).buffer),
  };
}

const view = (x: Tensor) => new Float32Array(x.data.buffer, x.data.byteOffset, x.data.length / 4);
const floats = (x: Tensor | undefined) => (x === undefined ? [] : [...view(x)]);

/** Answers with the first value of each tensor and the meta that came. */
const echo: ExchangeHandler = async ({ tensors, meta, traceparent }) => ({
  tensors: tensors.map((x) => tensor(view(x.type === 'float32' ? x : tensor([])).subarray(0, 4))),
  meta: { ...meta, traceparent: traceparent ?? null, shapes: tensors.map(({ shape }) => shape) },
});

const open = (url: string, name: string): Promise<Connection> =>
  openConnection({ url, name, user: testUser.user, password: testUser.password, retryDelayMs: 20 });

interface Pair extends AsyncDisposable {
  readonly nats: TestNatsServer;
  readonly local: Connection;
  readonly remote: Connection;
  request(over?: Partial<ExchangeRequest>): ReturnType<Awaited<ReturnType<typeof openExchange>>['request']>;
}

async function pair(
  options: Partial<ServeOptions> & {
    localUrl?: (nats: TestNatsServer) => Promise<string>;
    remoteUrl?: (nats: TestNatsServer) => Promise<string>;
  } = {},
): Promise<Pair> {
  const stack = new AsyncDisposableStack();
  const nats = stack.use(await testNatsServer());
  const remote = stack.use(await open((await options.remoteUrl?.(nats)) ?? nats.url, 'remote'));
  const local = stack.use(await open((await options.localUrl?.(nats)) ?? nats.url, 'local'));
  stack.use(await serveExchange({ connection: remote, up, down, handler: echo, now, ...options }));

  const exchange = stack.use(await openExchange({ connection: local, up, down, now }));
  return {
    nats,
    local,
    remote,
    request: (over = {}) =>
      exchange.request({
        tensors: [tensor([1, 2, 3])],
        codec: float32,
        transfer: 'Sequential',
        meta: {},
        resend: false,
        timeoutMs: 20_000,
        ...over,
      }),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

const large = tensor(Float32Array.from({ length: 1_500_000 }, (_, i) => Math.max(0, Math.sin(i))));

describe('an exchange', () => {
  const codecs = [
    { type: 'Float32' },
    { type: 'BFloat16', compression: 'Zstd' },
    { type: 'Affine', affine: { bits: 4 }, compression: 'Deflate' },
    { type: 'Json' },
  ];
  for (const choice of codecs) {
    for (const transfer of ['Sequential', 'Pipelined'] as const) {
      test(`carries tensors, meta and trace context: ${JSON.stringify(choice)} ${transfer}`, async () => {
        await using both = await pair();
        const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
        const file: Tensor = { name: 'file', type: 'uint8', shape: [3], data: Uint8Array.of(1, 2, 3) };
        const values = choice.type === 'Json' ? tensor(view(large).subarray(0, 50_000)) : large;
        const tensors = [values, tensor([7]), file];
        const request = { tensors, codec: codec(choice), transfer, traceparent, meta: { a: [1] } };
        for (let repetition = 0; repetition < 3; repetition++) {
          const result = await both.request({ ...request, tensors: [values, tensor([7])] });
          assert.deepEqual(result.meta, { a: [1], traceparent, shapes: [values.shape, [1, 1]] });
          const tolerance = choice.type === 'Affine' ? 1 / 30 + 1e-6 : 2 ** -8;
          floats(result.reply[0]).forEach((x, i) => {
            assert.ok(Math.abs(x - (view(values)[i] ?? 0)) <= tolerance, `${x}`);
          });
          assert.deepEqual(floats(result.reply[1]), [7]);
        }
        assert.deepEqual((await both.request({ ...request, tensors, meta: {} })).meta.shapes, [
          values.shape,
          [1, 1],
          [3],
        ]);
      });
    }
  }

  test('marks are in order, on both sides', async () => {
    await using both = await pair();
    for (const transfer of ['Sequential', 'Pipelined'] as const) {
      const { marks, busy } = await both.request({ tensors: [large], codec: codec({ type: 'BFloat16' }), transfer });
      const ordered = [
        [marks.encodeStartMs, marks.encodedMs, marks.sentMs, marks.repliedMs],
        [marks.remote.firstChunkMs, marks.remote.lastChunkMs, marks.remote.startedMs, marks.remote.decodedMs],
        // One process, one clock.
        [marks.encodedMs, marks.remote.lastChunkMs, marks.remote.finishedMs, marks.replyReceivedMs, marks.repliedMs],
      ];
      for (const list of ordered)
        assert.deepEqual(
          list,
          list.toSorted((a, b) => a - b),
        );
      assert.ok(busy.encode.activeMs > 0 && busy.decode.activeMs > 0);
      assert.ok(busy.encode.endMs - busy.encode.startMs >= busy.encode.activeMs);
      const early = busy.decode.startMs < marks.remote.lastChunkMs;
      assert.equal(early, transfer === 'Pipelined', 'pieces are decoded as they arrive only when pipelined');
    }
  });

  test('requests are answered one at a time in order of arrival', async () => {
    const order: unknown[] = [];
    let running = 0;
    const handler: ExchangeHandler = async ({ meta, marks }) => {
      assert.equal(running++, 0);
      order.push(meta.i);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      return { tensors: [], meta: { waited: marks.startedMs - marks.lastChunkMs } };
    };
    await using both = await pair({ handler });
    await Promise.all([0, 1, 2, 3].map((i) => both.request({ meta: { i }, tensors: [large] })));
    assert.deepEqual(order, [0, 1, 2, 3]);
  });

  test('an error of the handler comes back by name, and the next request is answered', async () => {
    const handler: ExchangeHandler = async ({ meta }) => {
      if (meta.fail) throw Object.assign(new Error('no such provider'), { code: 'PROVIDER_UNAVAILABLE' });
      return { tensors: [], meta: {} };
    };
    await using both = await pair({ handler });
    await assert.rejects(both.request({ meta: { fail: true } }), (error) => {
      assert.ok(error instanceof RemoteFailed);
      assert.equal(error.remoteCode, 'PROVIDER_UNAVAILABLE');
      assert.match(error.message, /no such provider/);
      return true;
    });
    await both.request();
  });

  test('without an answer it times out, and an aborted signal ends it', async () => {
    const hold = Promise.withResolvers<never>();
    hold.promise.catch(() => {});
    await using both = await pair({ handler: () => hold.promise });
    await assert.rejects(both.request({ timeoutMs: 30, resend: true }), ExchangeTimeout);
    const reason = new Error('enough');
    await assert.rejects(both.request({ signal: AbortSignal.abort(reason) }), reason);
    hold.reject(new Error('over'));
  });

  test('a frame beyond the limit is refused by the remote side', async () => {
    await using both = await pair({ limits: { maxFrameBytes: 100_000 } });
    await assert.rejects(both.request({ tensors: [large] }), (error) => {
      assert.ok(error instanceof RemoteFailed);
      assert.equal(error.remoteCode, 'FRAME_TOO_LARGE');
      return true;
    });
    await both.request();
  });

  test('messages that are no frames are ignored', async () => {
    const said: string[] = [];
    await using both = await pair({ log: (message) => said.push(message) });
    both.local.client.publish(up, 'hello');
    for (const text of ['a 0', 'a 0 99999999999999999', '', 'a -1 5']) {
      const header = headers();
      header.set('frame', text);
      both.local.client.publish(up, new Uint8Array(4), { headers: header });
    }
    await both.request();
    assert.equal(said.length, 5);
  });
});

interface ProxyOptions {
  readonly count?: { up: number; down: number };
  /** Reads nothing more until the other side has taken what was read, and then one turn later. */
  readonly slow?: boolean;
  readonly look?: () => void;
}

/** A TCP proxy before the server; resolves with its address. */
async function proxy(t: TestContext, port: number, { count, slow, look }: ProxyOptions): Promise<string> {
  const sockets = new Set<Socket>();
  const forward = (from: Socket, to: Socket, direction: 'up' | 'down') => {
    from.on('data', (data) => {
      if (count !== undefined) count[direction] += data.length;
      look?.();
      if (slow) from.pause();
      to.write(data, () => setImmediate(() => from.resume()));
    });
    from.on('close', () => to.destroy());
  };
  const server = createServer((client) => {
    const upstream = connectSocket(port, '127.0.0.1');
    for (const socket of [client, upstream]) sockets.add(socket.on('error', () => {}));
    forward(client, upstream, 'up');
    forward(upstream, client, 'down');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return `nats://127.0.0.1:${address.port}`;
}

describe('bytes on the wire', () => {
  test('are those that a proxy counts and the socket reports', async (t) => {
    const count = { up: 0, down: 0 };
    await using both = await pair({ localUrl: (nats) => proxy(t, nats.port, { count }) });
    for (const tensors of [[large], [tensor([1])]]) {
      const before = { ...count };
      const socketBefore = both.local.socketBytes();
      const { bytes } = await both.request({ tensors, traceparent: '00-1-2-01' });
      const socket = both.local.socketBytes();
      const counted = { up: count.up - before.up, down: count.down - before.down };
      assert.deepEqual({ up: bytes.applicationUp, down: bytes.applicationDown }, counted);
      assert.deepEqual({ up: socket.up - socketBefore.up, down: socket.down - socketBefore.down }, counted);
      assert.ok(bytes.encoded < bytes.applicationUp && bytes.encoded > (tensors[0]?.data.length ?? 0));
    }
  });
});

/** Enough that it is still on its way when the server is killed. */
const huge = tensor(new Float32Array(25_000_000));

/** Resolves when the first chunk of a frame is at the remote side. */
function firstChunk(both: Pair): Promise<void> {
  return new Promise((resolve) => {
    const subscription = both.remote.client.subscribe(up, {
      callback() {
        subscription.unsubscribe();
        resolve();
      },
    });
  });
}

describe('when the server is killed in the middle of a transfer', { timeout: 60_000 }, () => {
  test('a request that must not be resent is interrupted, and the next one served', async () => {
    await using both = await pair();
    const started = firstChunk(both);
    await both.remote.client.flush();
    const request = both.request({ tensors: [huge] });
    const interrupted = assert.rejects(request, LinkInterrupted);
    const noticed = new Promise((resolve) => both.remote.onInterruption(resolve));
    await started;
    await both.nats.kill();
    await Promise.all([interrupted, noticed]);
    await both.nats.restart();
    await Promise.all([both.local.ready(), both.remote.ready()]);
    assert.deepEqual(floats((await both.request()).reply[0]), [1, 2, 3]);
  });

  test('one that may be is sent again', async () => {
    await using both = await pair();
    const started = firstChunk(both);
    await both.remote.client.flush();
    const request = both.request({ tensors: [huge], resend: true });
    await started;
    await both.nats.kill();
    await both.nats.restart();
    const { attempts, meta } = await request;
    assert.ok(attempts > 1);
    assert.deepEqual(meta.shapes, [huge.shape]);
  });

  test('a reply that was being computed is given after the reconnect or asked for again', async () => {
    const began = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    let calls = 0;
    const handler: ExchangeHandler = async () => {
      calls++;
      began.resolve();
      await go.promise;
      return { tensors: [], meta: { calls } };
    };
    await using both = await pair({ handler });
    const request = both.request({ resend: true });
    await began.promise;
    await both.nats.kill();
    await both.nats.restart();
    go.resolve();
    assert.ok((await request).attempts > 1);
  });
});

describe('when chunks are lost', () => {
  const chunk = (both: Pair, place: string, bytes: number) => {
    const header = headers();
    header.set('frame', place);
    both.local.client.publish(up, new Uint8Array(bytes), { headers: header });
  };

  test('a gap gives the frame up at once', async () => {
    const dropped = Promise.withResolvers<Error>();
    await using both = await pair({ log: (_, error) => dropped.resolve(error) });
    chunk(both, 'other-1 0 300', 100);
    chunk(both, 'other-1 200 300', 100);
    assert.match((await dropped.promise).message, /bytes 100 to 200 of a frame were lost/);
  });

  test('a frame that stands still is given up after a while', async () => {
    const dropped = Promise.withResolvers<Error>();
    const limits = { partialTimeoutMs: 20 };
    await using both = await pair({ limits, log: (_, error) => dropped.resolve(error) });
    // The timer does not keep a process alive.
    const alive = setInterval(() => {}, 1000);
    chunk(both, 'other-1 0 300', 100);
    assert.match((await dropped.promise).message, /stood still for 20 ms/);
    clearInterval(alive);
  });

  test('no more frames are kept than allowed; a later one of the same sender replaces the earlier', async () => {
    const said: string[] = [];
    await using both = await pair({ limits: { maxPartialFrames: 2 }, log: (message) => said.push(message) });
    for (const id of ['a-1', 'a-2', 'b-1', 'c-1']) chunk(both, `${id} 0 300`, 100);
    await both.request();
    assert.deepEqual(said, ['frame a-2 was given up', 'frame b-1 was given up']);
  });

  test('more bytes than announced give the frame up', async () => {
    const dropped = Promise.withResolvers<Error>();
    await using both = await pair({ log: (_, error) => dropped.resolve(error) });
    chunk(both, 'other-1 0 <150', 100);
    chunk(both, 'other-1 100 200', 100);
    assert.match((await dropped.promise).message, /200 bytes arrived, where 150 were announced/);
  });
});

describe('a slow network', () => {
  test('before the local side: little of a tensor waits in this process', async (t) => {
    const count = { up: 0, down: 0 };
    let waiting = 0;
    let local: Connection | undefined;
    const look = () => {
      waiting = Math.max(waiting, (local?.socketBytes().up ?? 0) - count.up);
    };
    await using both = await pair({ localUrl: (nats) => proxy(t, nats.port, { count, slow: true, look }) });
    local = both.local;
    await both.request({ tensors: [huge] });
    // Two windows and what two kernel buffers hold.
    assert.ok(waiting < 20_000_000, `${waiting} bytes waited`);
  });

  test('before the remote side: it gets everything', async (t) => {
    await using both = await pair({ remoteUrl: (nats) => proxy(t, nats.port, { slow: true }) });
    const { meta } = await both.request({ tensors: [huge] });
    assert.deepEqual(meta.shapes, [huge.shape]);
  });
});

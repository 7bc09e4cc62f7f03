import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect } from 'nats';
import { codecSchema } from '../../api/manifest/codec.ts';
import { formatTraceparent, newTrace, parseTraceparent } from '../../api/trace/context.ts';
import { openConnection } from '../../worker/transport/connection.ts';
import { openExchange } from '../../worker/transport/exchange.ts';
import { serveExchange } from '../../worker/transport/serve.ts';
import { testNatsServer, testUser } from '../support/nats.ts';

const codec = codecSchema.parse({ type: 'Float32' });
const now = () => performance.now();
const [up, down] = ['test.up', 'test.down'];

for (const transfer of ['Sequential', 'Pipelined'] as const) {
  test(`anyone on NATS sees the trace on the first message of a tensor (${transfer})`, async () => {
    await using nats = await testNatsServer();
    const login = { url: nats.url, user: testUser.user, password: testUser.password };
    await using remote = await openConnection({ ...login, name: 'remote' });
    await using local = await openConnection({ ...login, name: 'local' });
    const handler = async () => ({ tensors: [], meta: {} });
    await using _server = await serveExchange({ connection: remote, up, down, handler, now });
    await using exchange = await openExchange({ connection: local, up, down, now });
    const observer = await connect(nats.connection);
    const seen: string[] = [];
    for (const subject of [up, `${up}.>`]) {
      observer.subscribe(subject, {
        callback(_error, message) {
          seen.push(message.headers?.get('traceparent') ?? '');
        },
      });
    }
    await observer.flush();

    const trace = newTrace(true);
    const x = { name: 'x', type: 'float32', shape: [1_000_000], data: new Uint8Array(4_000_000) } as const;
    const traceparent = formatTraceparent(trace);
    await exchange.request({ tensors: [x], codec, transfer, traceparent, meta: {}, resend: false, timeoutMs: 20_000 });
    await observer.flush();
    await observer.close();

    const [first = '', ...others] = seen;
    assert.deepEqual(parseTraceparent(first), trace);
    assert.ok(others.length > 0, 'the tensor takes several messages');
    assert.ok(others.every((value) => value === ''));
  });
}

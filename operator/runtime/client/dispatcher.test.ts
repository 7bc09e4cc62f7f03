import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { connect as connectTcp, type Socket } from 'node:net';
import { test } from 'node:test';
import { loopbackCertificate } from '../../../test/support/loopback-certificate.ts';
import { connect } from '../connect.ts';
import { pods } from '../resources.ts';
import { answerJson, openWatch, pod, sendEvent } from '../testing/answers.ts';
import { isWatch, TestApiServer } from '../testing/api-server.ts';
import { openDispatcher } from './dispatcher.ts';

const certificate = await loopbackCertificate();
const key = { namespace: 'default', name: 'a' };

function join(client: Socket, port: number, host: string, ready: () => void): void {
  const upstream = connectTcp(port, host, ready);
  client.pipe(upstream).pipe(client);
  for (const [one, other] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    one.on('error', () => {}).on('close', () => other.destroy());
  }
}

/** A proxy that tunnels what CONNECT asks for. */
function httpProxy() {
  return createHttpServer().on('connect', (request, socket: Socket) => {
    const [host = '', port = ''] = (request.url ?? '').split(':');
    join(socket, Number(port), host, () => socket.write('HTTP/1.1 200 Connection established\r\n\r\n'));
  });
}

test('requests and watches go through a proxy, encrypted to the server', async () => {
  await using server = await TestApiServer.start(certificate, (exchange) => {
    if (!isWatch(exchange)) return answerJson(exchange.response, 200, pod('a', 1));
    openWatch(exchange.response);
    sendEvent(exchange.response, 'ADDED', pod('b', 2));
  });
  const proxy = httpProxy();
  let tunnels = 0;
  proxy.on('connection', () => tunnels++).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const address = proxy.address();
  assert.ok(address !== null && typeof address === 'object');
  try {
    const config = { ...server.config(), proxy: new URL(`http://127.0.0.1:${address.port}`) };
    await using client = await connect({ config });
    for (let i = 0; i < 5; i++) await client.get(pods, key);
    const abort = new AbortController();
    const watch = client.watch(pods, { resourceVersion: '1', timeoutSeconds: 300, signal: abort.signal });
    const { value } = await watch.next();
    assert.equal(value?.type, 'ADDED');
    await watch.return();
    assert.ok(tunnels >= 2 && tunnels <= 4, `${tunnels} tunnels`);
  } finally {
    proxy.close();
  }
});

test('a kind of proxy that is not supported is named', () => {
  const options = { server: new URL('https://api:6443'), tls: {}, connections: 1 };
  assert.throws(() => openDispatcher({ ...options, proxy: new URL('socks5://proxy:1080') }), {
    code: 'ConnectionConfig',
    message: /socks5:\/\/proxy:1080 for api:6443: http and https proxies are supported/,
  });
});

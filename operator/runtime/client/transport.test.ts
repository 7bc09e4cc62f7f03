import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loopbackCertificate } from '../../../test/support/loopback-certificate.ts';
import { connect } from '../connect.ts';
import { events, pods } from '../resources.ts';
import { answerJson, answerList, answerStatus, openWatch, pod } from '../testing/answers.ts';
import { type Exchange, type Handler, TestApiServer } from '../testing/api-server.ts';
import { recordingClock } from '../testing/fake-clock.ts';
import { TcpProxy } from '../testing/tcp-proxy.ts';
import { ApiTimeout, ApiUnreachable, ServerError, TooManyRequests, Unauthorized } from './errors.ts';

const certificate = await loopbackCertificate();
const key = { namespace: 'default', name: 'a' };
const start = async (handler: Handler): Promise<TestApiServer> => await TestApiServer.start(certificate, handler);
const found: Handler = ({ response }) => answerJson(response, 200, pod('a', 1));

/** Answers the first requests as told, all later ones with a pod. */
function first(...handlers: readonly Handler[]): Handler {
  let count = 0;
  return (exchange: Exchange) => (handlers[count++] ?? found)(exchange);
}

test('fifty requests one after another keep to two connections, fifty at once to the pool', async () => {
  await using server = await start(found);
  await using client = await connect({ config: server.config(), connections: 4 });
  for (let i = 0; i < 50; i++) await client.get(pods, key);
  // The second: undici frees a connection a moment after its answer was read.
  assert.ok(server.connections <= 2, `${server.connections} connections`);
  await Promise.all(Array.from({ length: 50 }, () => client.get(pods, key)));
  assert.ok(server.connections <= 4, `${server.connections} connections`);
});

test('watches do not take the connections of requests', async () => {
  await using server = await start((exchange) =>
    exchange.query.get('watch') ? openWatch(exchange.response) : found(exchange),
  );
  await using client = await connect({ config: server.config(), connections: 1 });
  const abort = new AbortController();
  const watching = Array.from({ length: 3 }, () => {
    const options = { resourceVersion: '1', timeoutSeconds: 300, signal: abort.signal };
    return client.watch(pods, options).next();
  });
  while (server.exchanges.length < 3) await server.next();
  await client.get(pods, key);
  abort.abort(new Error('enough'));
  for (const watch of watching) await assert.rejects(watch, /enough/);
});

test('429 is repeated after the time that the server asks for, whatever was sent', async () => {
  await using server = await start(
    first(({ response }) => answerStatus(response, 429, 'TooManyRequests', { 'retry-after': '1' })),
  );
  const waits: number[] = [];
  await using client = await connect({ config: server.config(), clock: recordingClock(waits), random: () => 0 });
  await client.create(pods, pod('a', 1));
  assert.deepEqual(waits, [1000]);
  assert.equal(server.exchanges.length, 2);
});

test('500 is repeated where repeating does no harm, and not where it might', async () => {
  const broken: Handler = ({ response }) => answerStatus(response, 500, 'InternalError');
  await using server = await start(first(broken, broken));
  await using client = await connect({ config: server.config(), clock: recordingClock([]) });
  await client.get(pods, key);
  assert.equal(server.exchanges.length, 3);
  server.handler = first(broken);
  await assert.rejects(client.create(pods, pod('a', 1)), ServerError);
  assert.equal(server.exchanges.length, 4);
});

test('repeating ends: after six attempts, or when the next would come too late', async () => {
  await using server = await start(({ response }) => answerStatus(response, 503, 'ServiceUnavailable'));
  await using client = await connect({ config: server.config(), clock: recordingClock([]) });
  await assert.rejects(client.get(pods, key), ServerError);
  assert.equal(server.exchanges.length, 6);
  server.handler = ({ response }) => answerStatus(response, 429, 'TooManyRequests', { 'retry-after': '60' });
  await assert.rejects(client.get(pods, key), TooManyRequests);
  assert.equal(server.exchanges.length, 7);
});

test('a connection on which nothing ever comes is given up and another is tried', async () => {
  await using server = await start(first(() => {}));
  await using client = await connect({ config: server.config(), connections: 1 });
  const read = await client.get(pods, key, { timeoutMs: 900 });
  assert.equal(read.metadata.name, 'a');
  assert.equal(server.connections, 2);
  server.handler = () => {};
  await assert.rejects(client.create(pods, pod('a', 1), { timeoutMs: 100 }), ApiTimeout);
});

test('an answer that trickles in byte by byte is bounded by the same time', async () => {
  await using server = await start(({ response }) => {
    response.writeHead(200);
    const drip = setInterval(() => response.write(' '), 10);
    response.once('close', () => clearInterval(drip));
  });
  await using client = await connect({ config: server.config() });
  await assert.rejects(client.create(pods, pod('a', 1), { timeoutMs: 100 }), ApiTimeout);
});

test('an answer cut in the middle, or that is no answer of the API, is named and repeated where that may be', async () => {
  const cut: Handler = ({ response }) => {
    response.writeHead(200, { 'content-length': '1000' });
    response.write('{"kind":', () => response.destroy());
  };
  await using server = await start(first(cut));
  await using client = await connect({ config: server.config() });
  await client.get(pods, key);
  assert.equal(server.exchanges.length, 2);
  server.handler = cut;
  await assert.rejects(client.create(pods, pod('a', 1)), ApiUnreachable);
  server.handler = ({ response }) => void response.writeHead(200).end('<html>welcome</html>');
  await assert.rejects(
    client.get(pods, key),
    /get pods default\/a: no answer from the API server: the answer is not JSON/,
  );
  server.handler = ({ response }) => void response.writeHead(404).end('<html>no such backend</html>');
  await assert.rejects(client.get(pods, key), { code: 'NotFound', message: /no such backend/ });
});

test('nobody listening is told from everything else, and a write is repeated then', async () => {
  const server = await start(found);
  const waits: number[] = [];
  await using client = await connect({ config: server.config(), clock: recordingClock(waits) });
  await server[Symbol.asyncDispose]();
  await assert.rejects(client.create(pods, pod('a', 1)), (error) => {
    assert.ok(error instanceof ApiUnreachable);
    assert.ok(error.unsent);
    return true;
  });
  assert.equal(waits.length, 5);
});

test('a refused token is asked for anew once, and never shown', async () => {
  await using server = await start(({ headers, response }) => {
    if (headers.authorization === 'Bearer token-2') answerJson(response, 200, pod('a', 1));
    else answerStatus(response, 401, 'Unauthorized');
  });
  let count = 0;
  await using client = await connect({ config: server.config((fresh) => `token-${fresh ? ++count + 1 : 1}`) });
  await client.get(pods, key);
  assert.deepEqual(
    server.exchanges.map(({ headers }) => headers.authorization),
    ['Bearer token-1', 'Bearer token-2'],
  );
  await using other = await connect({ config: server.config(() => 'token-1') });
  await assert.rejects(other.get(pods, key), (error) => {
    assert.ok(error instanceof Unauthorized);
    assert.doesNotMatch(error.stack + JSON.stringify(error), /token-1/);
    return true;
  });
  assert.equal(server.exchanges.length, 4);
});

test('aborting ends a call at once, before it starts, while it waits for the answer and between attempts', async () => {
  await using server = await start(() => {});
  await using client = await connect({ config: server.config() });
  await assert.rejects(client.get(pods, key, { signal: AbortSignal.abort(new Error('before')) }), /before/);
  assert.equal(server.exchanges.length, 0);
  const running = new AbortController();
  const arrived = server.next();
  const call = client.get(pods, key, { signal: running.signal });
  await arrived;
  running.abort(new Error('while running'));
  await assert.rejects(call, /while running/);
  server.handler = ({ response }) => answerStatus(response, 429, 'TooManyRequests', { 'retry-after': '20' });
  const waiting = new AbortController();
  const between = client.get(pods, key, { signal: waiting.signal });
  const { response } = await server.next();
  response.once('finish', () => setImmediate(() => waiting.abort(new Error('between'))));
  await assert.rejects(between, /between/);
});

test('a fence stops writes, not reads, and is asked before each attempt', async () => {
  await using server = await start(({ method, response }) =>
    method === 'GET' ? answerList(response, [], 1) : answerStatus(response, 503, 'ServiceUnavailable'),
  );
  await using client = await connect({ config: server.config(), clock: recordingClock([]) });
  let allowed = 2;
  const fenced = client.withFence(() => {
    if (allowed-- === 0) throw new Error('fenced off');
  });
  await assert.rejects(fenced.apply(pods, pod('a', 1), { fieldManager: 'test' }), /fenced off/);
  assert.equal(server.exchanges.length, 2);
  await fenced.list(events);
  assert.equal(server.exchanges.length, 3);
});

test('a call that waits for a connection ends when its time is over, or when it is aborted', async () => {
  await using server = await start(found);
  await using proxy = await TcpProxy.start(server.url);
  proxy.silence();
  await using client = await connect({ config: { ...server.config(), server: proxy.url } });
  const sinceMs = performance.now();
  await assert.rejects(client.create(pods, pod('a', 1), { timeoutMs: 200 }), ApiTimeout);
  await assert.rejects(client.get(pods, key, { signal: AbortSignal.timeout(200) }), { name: 'TimeoutError' });
  assert.ok(performance.now() - sinceMs < 3000);
});

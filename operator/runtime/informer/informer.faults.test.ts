import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { test } from 'node:test';
import type { V1Pod } from '@kubernetes/client-node';
import { within } from '../../../test/support/deadline.ts';
import { loopbackCertificate } from '../../../test/support/loopback-certificate.ts';
import { silenceLimitMs } from '../client/watch-stream.ts';
import type { Clock } from '../clock.ts';
import { connect } from '../connect.ts';
import type { Stored } from '../objects.ts';
import { defineResource } from '../resource.ts';
import { pods, secrets } from '../resources.ts';
import { answerList, answerStatus, openWatch, pod, sendBookmark, sendEvent, statusObject } from '../testing/answers.ts';
import { type Exchange, isList, isWatch, TestApiServer } from '../testing/api-server.ts';
import { FakeClock, recordingClock } from '../testing/fake-clock.ts';
import type { Wire } from '../wire.ts';
import { Informer, type InformerOptions } from './informer.ts';

type Pod = Stored<Wire<V1Pod>>;
type Answer = (exchange: Exchange) => void;
const certificate = await loopbackCertificate();

/** A server that answers lists and watches from two scripts, the last line of each again and again; an informer on it. */
async function scene(
  lists: readonly Answer[],
  watches: readonly Answer[],
  options: InformerOptions<Wire<V1Pod>, never> & { clock?: Clock } = {},
) {
  const clock = options.clock ?? recordingClock([]);
  const counts = { lists: 0, watches: 0 };
  const server = await TestApiServer.start(certificate, (exchange) => {
    if (isWatch(exchange)) (watches[counts.watches++] ?? watches.at(-1))?.(exchange);
    else (lists[counts.lists++] ?? lists.at(-1))?.(exchange);
  });
  const client = await connect({ config: server.config() });
  const informer = new Informer(client, pods, { ...options, clock });
  const changes = new EventEmitter();
  const log: string[] = [];
  const note = (line: string): void => {
    log.push(line);
    changes.emit('change');
  };
  informer.addHandler({
    onAdd: (object) => note(`+${object.metadata.name}@${object.metadata.resourceVersion}`),
    onUpdate: (old, object) =>
      note(`~${object.metadata.name}@${old.metadata.resourceVersion}>${object.metadata.resourceVersion}`),
    onDelete: (object) => note(`-${object.metadata.name}@${object.metadata.resourceVersion}`),
  });
  const abort = new AbortController();
  const running = informer.run(abort.signal);
  return {
    server,
    informer,
    log,
    stop: async () => {
      abort.abort();
      await within(2000, 'the informer stops', running);
    },
    /** Waits until the handlers have heard this, as the last lines. */
    heard: async (...lines: string[]) => {
      const wait = async (): Promise<void> => {
        while (lines.some((line, i) => log.at(i - lines.length) !== line)) await once(changes, 'change');
      };
      await within(5000, `${lines.join(' ')} after ${log.join(' ')}`, wait());
    },
    async [Symbol.asyncDispose]() {
      abort.abort();
      await running;
      await client.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

const list =
  (version: number, ...items: Pod[]): Answer =>
  ({ response }) =>
    answerList(response, items, version);
const refuse =
  (code: number, reason: string, headers = {}): Answer =>
  ({ response }) =>
    answerStatus(response, code, reason, headers);
/** A watch that stays open after what `send` sends. */
const stay =
  (send: (response: Exchange['response']) => void = () => {}): Answer =>
  ({ response }) => {
    openWatch(response);
    send(response);
  };
const versionsAsked = (server: TestApiServer): (string | null)[] =>
  server.exchanges.filter(isWatch).map(({ query }) => query.get('resourceVersion'));

test('a list in pages, then events; bookmarks move the place from which the next watch goes on', async () => {
  const paged: Answer = ({ query, response }) =>
    query.get('continue') === 'next'
      ? answerList(response, [pod('b', 2)], 10)
      : answerList(response, [pod('a', 1)], 10, 'next');
  await using it = await scene(
    [paged],
    [
      stay((response) => {
        sendEvent(response, 'ADDED', pod('c', 11));
        sendEvent(response, 'MODIFIED', pod('a', 12));
        sendEvent(response, 'DELETED', pod('b', 13));
        sendBookmark(response, 40);
        response.end();
      }),
      stay((response) => sendEvent(response, 'ADDED', pod('d', 41))),
    ],
    { pageSize: 1 },
  );
  await it.heard('+a@1', '+b@2', '+c@11', '~a@1>12', '-b@13', '+d@41');
  assert.deepEqual(versionsAsked(it.server), ['10', '40']);
  assert.equal(it.server.exchanges.filter(isList).length, 2);
  const [watch] = it.server.exchanges.filter(isWatch);
  assert.equal(watch?.query.get('allowWatchBookmarks'), 'true');
  const seconds = Number(watch?.query.get('timeoutSeconds'));
  assert.ok(seconds >= 300 && seconds <= 600, `${seconds} s`);
});

test('a watch cut within an event goes on from the last whole one, without a new list', async () => {
  await using it = await scene(
    [list(10)],
    [
      ({ response }) => {
        openWatch(response);
        sendEvent(response, 'ADDED', pod('a', 11));
        response.write('{"type":"ADDED","object":{"metadata":{"na', () => response.destroy());
      },
      stay((response) => sendEvent(response, 'ADDED', pod('b', 12))),
    ],
  );
  await it.heard('+a@11', '+b@12');
  assert.deepEqual(versionsAsked(it.server), ['10', '11']);
  assert.equal(it.informer.statistics().lists, 1);
});

test('an event in many pieces, cut within a character, is read whole', async () => {
  const whole = Buffer.from(
    `${JSON.stringify({ type: 'ADDED', object: pod('a', 11, { metadata: { labels: { l: 'ä€😀' } } }) })}\n`,
  );
  await using it = await scene(
    [list(10)],
    [
      async ({ response }) => {
        openWatch(response);
        for (const byte of whole) {
          response.write(Buffer.of(byte));
          await new Promise((resolve) => setImmediate(resolve));
        }
      },
    ],
  );
  await it.heard('+a@11');
  assert.equal(it.informer.list()[0]?.metadata.labels?.l, 'ä€😀');
});

for (const [where, watch] of [
  ['as the answer', refuse(410, 'Expired')],
  ['in the stream', stay((response) => sendEvent(response, 'ERROR', statusObject(410, 'Expired')))],
] as const) {
  test(`410 ${where}: a new list, whose differences are told`, async () => {
    await using it = await scene(
      [list(10, pod('a', 1), pod('b', 2)), list(20, pod('a', 15), pod('c', 16))],
      [watch, stay()],
    );
    await it.heard('+a@1', '+b@2', '~a@1>15', '+c@16', '-b@2');
  });
}

test('any other ERROR event is not swallowed: it is counted, and the informer goes on', async () => {
  await using it = await scene(
    [list(10, pod('a', 1))],
    [
      stay((response) => sendEvent(response, 'ERROR', statusObject(500, 'InternalError', 'storage is on fire'))),
      stay((response) => sendEvent(response, 'ADDED', pod('b', 11))),
    ],
  );
  await it.heard('+a@1', '+b@11');
  const { errors, lastError } = it.informer.statistics();
  assert.equal(errors, 1);
  assert.match(lastError ?? '', /storage is on fire/);
});

test('410 for a page of a list: the whole list at once', async () => {
  const paged: Answer = ({ query, response }) =>
    query.get('continue') ? answerStatus(response, 410, 'Expired') : answerList(response, [pod('a', 1)], 10, 'next');
  const whole: Answer = ({ query, response }) => {
    assert.equal(query.get('limit'), '0');
    answerList(response, [pod('a', 1), pod('b', 2)], 12);
  };
  await using it = await scene([paged, paged, whole], [stay()], { pageSize: 1 });
  await it.heard('+a@1', '+b@2');
});

test('500s, 429 with Retry-After, a body that is no JSON: the informer lives and its pauses grow', async () => {
  const pauses: number[] = [];
  const html: Answer = ({ response }) => void response.writeHead(200).end('<html>');
  await using it = await scene(
    [
      refuse(500, 'InternalError'),
      refuse(403, 'Forbidden'),
      refuse(429, 'TooManyRequests', { 'retry-after': '7' }),
      html,
      list(10, pod('a', 1)),
    ],
    [stay()],
    { clock: recordingClock(pauses), random: () => 0.999 },
  );
  await it.heard('+a@1');
  assert.deepEqual(
    pauses.map((ms) => Math.round(ms / 10) * 10),
    [800, 1600, 7000, 6400],
  );
});

test('pauses begin anew after an event, and stay between half and all of their length', async () => {
  const pauses: number[] = [];
  const cut: Answer = ({ response }) => response.destroy();
  const one =
    (version: number): Answer =>
    ({ response }) => {
      openWatch(response);
      response.write(`${JSON.stringify({ type: 'ADDED', object: pod(`p${version}`, version) })}\n`, () =>
        response.destroy(),
      );
    };
  await using it = await scene([list(10)], [cut, cut, one(11), cut, one(12), stay()], {
    clock: recordingClock(pauses),
    random: () => 0,
  });
  await it.heard('+p11@11', '+p12@12');
  assert.deepEqual(pauses.slice(0, 4), [400, 800, 400, 800]);
});

test('a server that ends every watch at once is not stormed', async () => {
  const clock = new FakeClock();
  await using it = await scene([list(10)], [stay((response) => response.end())], { clock });
  const { server } = it;
  for (let i = 0; i < 4; i++) {
    await within(
      5000,
      'a pause',
      until(() => it.informer.statistics().errors === i + 1 && clock.waiting === 1),
    );
    assert.equal(server.exchanges.filter(isWatch).length, i + 1);
    await clock.advance(clock.nextMs ?? 0);
  }
});

test('stop() during a pause ends at once', async () => {
  const clock = new FakeClock();
  await using it = await scene([refuse(500, 'InternalError')], [stay()], { clock });
  await within(
    5000,
    'a pause',
    until(() => it.informer.statistics().errors === 1 && clock.waiting === 1),
  );
  await it.stop();
  assert.equal(clock.waiting, 0);
});

test('stop() ends a watch that is open, and a list that does not come', async () => {
  await using open = await scene([list(10)], [stay((response) => sendEvent(response, 'ADDED', pod('a', 11)))]);
  await open.heard('+a@11');
  await open.stop();
  await using silent = await scene([() => {}], [stay()]);
  if (silent.server.exchanges.length === 0) await silent.server.next();
  await silent.stop();
});

test('a watch whose answer never begins is given up; one that falls silent after a bookmark too; an idle one is left alone', async () => {
  const clock = new FakeClock();
  await using server = await TestApiServer.start(certificate, (exchange) => {
    if (isList(exchange)) answerList(exchange.response, [], 10);
    else if (server.exchanges.filter(isWatch).length > 1) {
      openWatch(exchange.response);
      if (server.exchanges.filter(isWatch).length > 2) sendBookmark(exchange.response, 11);
    }
  });
  await using client = await connect({ config: server.config(), clock });
  const informer = new Informer(client, pods, { clock, random: () => 0 });
  const abort = new AbortController();
  const running = informer.run(abort.signal);
  const watches = (count: number) => until(() => server.exchanges.filter(isWatch).length === count);
  await within(5000, 'the first watch', watches(1));
  await clock.advance(30_000);
  assert.match(informer.statistics().lastError ?? '', /within 30000 ms/);
  await clock.advance(1000);
  await within(5000, 'the second watch', watches(2));
  await until(() => clock.waiting === 1);
  await clock.advance(silenceLimitMs + 60_000);
  assert.equal(server.exchanges.filter(isWatch).length, 2, 'an idle watch without bookmarks stays');
  await clock.advance(100_000);
  await clock.advance(1000);
  await within(5000, 'the third watch', watches(3));
  await within(
    5000,
    'the bookmark',
    until(() => informer.statistics().resourceVersion === '11'),
  );
  await clock.advance(silenceLimitMs);
  await clock.advance(1000);
  await within(5000, 'the fourth watch', watches(4));
  abort.abort();
  await running;
});

test('duplicates are told once', async () => {
  await using it = await scene(
    [list(10, pod('a', 1))],
    [
      stay((response) => {
        for (let i = 0; i < 3; i++) sendEvent(response, 'MODIFIED', pod('a', 11));
        for (let i = 0; i < 2; i++) sendEvent(response, 'DELETED', pod('a', 12));
        sendEvent(response, 'ADDED', pod('b', 13));
      }),
    ],
  );
  await it.heard('+a@1', '~a@1>11', '-a@12', '+b@13');
  assert.equal(it.log.length, 4);
});

test('versions that go backwards mean a restored server: a new list, in which equal versions are not trusted', async () => {
  const restored = pod('a', 11, { metadata: { labels: { from: 'backup' } } });
  await using it = await scene(
    [list(10, pod('a', 1)), list(12, restored)],
    [
      stay((response) => {
        sendEvent(response, 'MODIFIED', pod('a', 11));
        sendEvent(response, 'MODIFIED', pod('b', 5));
      }),
      stay(),
    ],
  );
  await it.heard('~a@1>11', '~a@11>11');
  assert.equal(it.informer.list()[0]?.metadata.labels?.from, 'backup');
  assert.deepEqual(it.informer.list().length, 1);
});

test('a version that the restored server has not reached yet is given up at once', async () => {
  const tooLarge = statusObject(504, 'Timeout', 'Too large resource version: 10, current: 3', {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  });
  const refuseIt: Answer = ({ response }) =>
    void response.writeHead(504, { 'content-type': 'application/json' }).end(JSON.stringify(tooLarge));
  await using it = await scene([list(10, pod('a', 9)), list(3, pod('a', 2))], [refuseIt, stay()]);
  await it.heard('+a@9', '~a@9>2');
});

test('what is cached is frozen, without managedFields, and transformed before it is kept', async () => {
  const fat = pod('a', 1, {
    metadata: { managedFields: [{ manager: 'kubectl' }] },
    spec: { containers: [{ name: 'main' }] },
  });
  await using it = await scene([list(10, fat)], [stay()], {
    transform: ({ spec: _, ...rest }) => ({ ...rest, status: { message: 'kept' } }),
  });
  await it.heard('+a@1');
  const [cached] = it.informer.list();
  assert.ok(cached);
  assert.deepEqual(
    [cached.metadata.managedFields, cached.spec, cached.status],
    [undefined, undefined, { message: 'kept' }],
  );
  assert.ok(Object.isFrozen(cached) && Object.isFrozen(cached.metadata) && Object.isFrozen(cached.status));
});

test('objects are found by owner, by namespace and by an index of the caller', async () => {
  const owned = pod('a', 1, {
    metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'X', name: 'x', uid: 'owner-1' }] },
    spec: { containers: [], nodeName: 'n1' },
  });
  await using server = await TestApiServer.start(certificate, (exchange) =>
    isWatch(exchange) ? openWatch(exchange.response) : answerList(exchange.response, [owned, pod('b', 2)], 10),
  );
  await using client = await connect({ config: server.config() });
  const informer = new Informer(client, pods, {
    indexers: { node: ({ spec }) => (spec?.nodeName ? [spec.nodeName] : []) },
  });
  const abort = new AbortController();
  assert.equal(informer.hasSynced, false);
  const running = informer.run(abort.signal);
  await informer.synced();
  assert.equal(informer.hasSynced, true);
  const names = (found: readonly Pod[]): string[] => found.map((one) => one.metadata.name);
  assert.deepEqual(names(informer.byIndex('owner', 'owner-1')), ['a']);
  assert.deepEqual(names(informer.byIndex('namespace', 'default')), ['a', 'b']);
  assert.deepEqual(names(informer.byIndex('node', 'n1')), ['a']);
  assert.deepEqual(names(informer.byIndex('node', 'n2')), []);
  abort.abort();
  await running;
});

test('a handler that throws harms neither the others nor the cache; a late one hears of what is there', async () => {
  await using it = await scene(
    [list(10, pod('a', 1))],
    [stay((response) => sendEvent(response, 'ADDED', pod('b', 11)))],
  );
  it.informer.addHandler({
    onAdd: () => {
      throw new Error('a fault of the handler');
    },
  });
  await it.heard('+a@1', '+b@11');
  const late: string[] = [];
  const remove = it.informer.addHandler({
    onAdd: (object, initial) => late.push(`${object.metadata.name} ${initial}`),
  });
  assert.deepEqual(late, ['a true', 'b true']);
  remove();
});

test('waiting for the first list ends with its signal', async () => {
  await using it = await scene([() => {}], [stay()]);
  await assert.rejects(it.informer.synced(AbortSignal.timeout(20)), { name: 'TimeoutError' });
});

test('Secrets are refused, by the type and at run time', async () => {
  const client = await connect({ config: await noServer() });
  // @ts-expect-error credentials are not cacheable
  assert.throws(() => new Informer(client, secrets), { code: 'NotCacheable' });
  const disguised = defineResource({ group: '', version: 'v1', plural: 'secrets', kind: 'Secret', namespaced: true });
  assert.throws(() => new Informer(client, disguised), /secrets are credentials and never cached/);
  await client.close();
});

async function noServer() {
  await using server = await TestApiServer.start(certificate, () => {});
  return server.config();
}

/** Looks after each turn of the event loop; for what nobody announces. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { headers } from 'nats';
import { z } from 'zod';
import { newTrace } from '../api/trace/context.ts';
import { testNatsServer, testUser } from '../test/support/nats.ts';
import { RequestRefused, request, serve, WorkerSilent } from './control.ts';
import { openConnection } from './transport/connection.ts';

const limits = { timeout: 60_000 };
const replySchema = z.strictObject({ doubled: z.number() });

async function pair() {
  const server = await testNatsServer();
  const login = { url: server.url, user: testUser.user, password: testUser.password };
  const asking = await openConnection({ ...login, name: 'asking' });
  const answering = await openConnection({ ...login, name: 'answering' });
  return {
    server,
    asking,
    answering,
    async [Symbol.asyncDispose]() {
      await asking.close();
      await answering.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

test('a request is answered, an error of the handler travels back with its code', limits, async () => {
  await using both = await pair();
  serve(both.answering.client, 'double', z.number(), (value) => {
    if (value < 0) throw Object.assign(new Error('too small'), { code: 'TooSmall' });
    return { doubled: value * 2 };
  });
  await both.answering.client.flush();
  const ask = (value: unknown) => request(both.asking, 'double', value, replySchema, { timeoutMs: 10_000 });
  assert.deepEqual(await ask(4), { doubled: 8 });
  const refused = (code: string) => (error: unknown) => error instanceof RequestRefused && error.code === code;
  await assert.rejects(ask(-1), refused('TooSmall'));
  await assert.rejects(ask('four'), refused('InternalError'));
  await assert.rejects(
    request(both.asking, 'double', 1, z.strictObject({ other: z.string() }), { timeoutMs: 10_000 }),
    refused('BadReply'),
  );
});

test('who answers knows on whose behalf it is asked', limits, async () => {
  await using both = await pair();
  const seen: unknown[] = [];
  serve(both.answering.client, 'double', z.number(), (value, origin) => {
    seen.push(origin);
    return { doubled: value * 2 };
  });
  await both.answering.client.flush();
  const origin = { visitId: '0123456789abcdef-0', attempt: 2, trace: newTrace(true) };
  await request(both.asking, 'double', 1, replySchema, { timeoutMs: 10_000, origin });
  await request(both.asking, 'double', 1, replySchema, { timeoutMs: 10_000 });
  const nonsense = headers();
  nonsense.set('traceparent', 'yesterday');
  await both.asking.client.request('double', '1', { timeout: 10_000, headers: nonsense });
  assert.deepEqual(seen, [origin, null, null]);
});

test('nobody there, a stop, and a broken connection end the wait at once', limits, async () => {
  await using both = await pair();
  const asked = Promise.withResolvers<void>();
  serve(both.answering.client, 'hang', z.unknown(), () => {
    asked.resolve();
    return new Promise(() => {});
  });
  await both.answering.client.flush();
  const options = { timeoutMs: 600_000 };
  await assert.rejects(request(both.asking, 'nobody', {}, replySchema, options), WorkerSilent);

  const stop = new AbortController();
  const stopped = request(both.asking, 'hang', {}, replySchema, { ...options, signal: stop.signal });
  stop.abort(new RangeError('enough'));
  await assert.rejects(stopped, RangeError);

  const lost = request(both.asking, 'hang', {}, replySchema, options);
  lost.catch(() => {});
  await asked.promise;
  await both.server.kill();
  await assert.rejects(lost, WorkerSilent);
  await assert.rejects(request(both.asking, 'hang', {}, replySchema, options), /the control connection is down/);
});

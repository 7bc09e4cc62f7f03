import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { NatsConnection } from 'nats';
import { streams, subjects } from '../../api/subjects.ts';
import { openArchive } from '../../store/archive.ts';
import { openStore } from '../../store/store.ts';
import { within } from '../../test/support/deadline.ts';
import type { TestNatsServer } from '../../test/support/nats.ts';
import { connectWith, serverWith } from '../../test/support/nats-keys.ts';
import { credentialIssuer, operatorCredentials, sharedCredentials } from './credentials.ts';
import { createKeys, rotateSigningKey } from './keys.ts';
import { operatorInbox } from './permissions.ts';

const ours = { cluster: 'c', namespace: 'n', uid: 'ours' };
const theirs = { cluster: 'c', namespace: 'n', uid: 'theirs' };
const [mine, other] = [subjects(ours), subjects(theirs)];
const keys = createKeys();
const issuer = credentialIssuer(keys);
const [records, samples] = [streams.records.name, streams.samples.name];

let server: TestNatsServer;
let operator: NatsConnection;
before(async () => {
  server = await serverWith(keys);
  operator = await connectWith(server, await operatorCredentials(keys, 'c'), operatorInbox('c'));
  await openStore(operator).ensureStreams();
});
after(async () => {
  await operator?.close();
  await server?.[Symbol.asyncDispose]();
});

async function worker(scope = ours): Promise<NatsConnection & AsyncDisposable> {
  const connection = await connectWith(server, await issuer.issue(scope), subjects(scope).inbox);
  return Object.assign(connection, { [Symbol.asyncDispose]: () => connection.close() });
}

test('a worker stores, takes back, reads and follows what is its experiment’s', async () => {
  await using connection = await worker();
  const store = openStore(connection, { patienceMs: 0 });
  await store.create(mine.plan, { total: 1 });
  await store.create(mine.plan, { total: 1 });
  assert.equal(await store.createOnly(mine.plan, { total: 2 }), false);
  await store.append(mine.worker(0, 'remote'), { podAttempt: 0 });
  await store.create(mine.begin('v-0', 0), {});
  await store.withdraw(mine.begin('v-0', 0));
  await store.create(mine.begin('v-0', 0), { again: true });
  await store.append(mine.samples('v-0', 0, 0), [1]);
  await store.create(mine.record('v-0', 0), { verdict: 'Accepted' });
  assert.equal((await store.read('records', mine.all)).length, 4);
  assert.equal((await store.read('samples', mine.allSamples)).length, 1);
  const stop = new AbortController();
  for await (const { value } of store.follow('records', mine.worker(0, 'remote'), stop.signal)) {
    assert.deepEqual(value, { podAttempt: 0 });
    stop.abort();
  }
});

test('its workers exchange messages and requests, the frames and probes among them', async () => {
  await using local = await worker();
  await using remote = await worker();
  remote.subscribe(mine.remote(0, 'clock'), { callback: (_error, message) => void message.respond('now') });
  await remote.flush();
  assert.equal((await local.request(mine.remote(0, 'clock'))).string(), 'now');
  for (const subject of [mine.up(0), mine.probeUp(0), mine.evaluationUp(0), mine.link(0, 'here', 'status')]) {
    const arrived = Promise.withResolvers<string>();
    remote.subscribe(subject, { max: 1, callback: (_error, message) => arrived.resolve(message.subject) });
    await remote.flush();
    local.publish(subject, new Uint8Array(20_000));
    assert.equal(await within(5_000, subject, arrived.promise), subject);
  }
});

describe('what is another experiment’s, or everybody’s, is refused', () => {
  const published = [
    [other.up(0), 'frames'],
    [other.remote(0, 'prepare'), 'requests'],
    [`${other.inbox}.x.1`, 'replies'],
    [`${operatorInbox('c')}.x.1`, 'replies to the operator'],
    [other.plan, 'its plan'],
    [other.record('v-0', 0), 'its records'],
    [`$JS.API.DIRECT.GET.${records}.${other.plan}`, 'reading a message of it'],
    [`$JS.API.DIRECT.GET.${records}`, 'reading any message'],
    [`$JS.API.STREAM.MSG.GET.${records}`, 'reading any message'],
    [`$JS.API.STREAM.MSG.DELETE.${records}`, 'deleting messages'],
    [`$JS.API.STREAM.PURGE.${samples}`, 'purging'],
    [`$JS.API.STREAM.DELETE.${samples}`, 'deleting a stream'],
    [`$JS.API.STREAM.UPDATE.${records}`, 'changing a stream'],
    ['$JS.API.STREAM.CREATE.mirror', 'copying a stream into another'],
    ['$JS.API.STREAM.NAMES', 'listing streams'],
    ['$JS.API.STREAM.LIST', 'listing streams'],
    [`$JS.API.STREAM.SNAPSHOT.${records}`, 'a snapshot'],
    [`$JS.API.CONSUMER.CREATE.${records}.x.${other.allRecords}`, 'a consumer of its records'],
    [`$JS.API.CONSUMER.CREATE.${records}.x.splitlab.v1.c.n.*.record.>`, 'a consumer of all records'],
    [`$JS.API.CONSUMER.CREATE.${records}.x`, 'a consumer of everything'],
    [`$JS.API.CONSUMER.CREATE.${records}`, 'a consumer with its filter in the request'],
    [`$JS.API.CONSUMER.DURABLE.CREATE.${records}.x`, 'a durable consumer'],
    [`$JS.API.CONSUMER.NAMES.${records}`, 'names of consumers'],
    [`$JS.API.CONSUMER.LIST.${records}`, 'listing consumers'],
    ['$JS.API.INFO', 'the account'],
    ['$SYS.REQ.SERVER.PING', 'the system'],
  ] as const;
  for (const [subject, what] of published) {
    test(`publishing: ${what} (${subject})`, async () => {
      await using connection = await worker();
      const refused = refusal(connection);
      connection.publish(subject, '{}');
      assert.match(await within(5_000, 'the refusal', refused), /publish/i);
    });
  }

  const subscribed = [
    [other.all, 'its subjects'],
    [other.up(0), 'its frames'],
    [`${other.inbox}.>`, 'its inbox'],
    [`${operatorInbox('c')}.>`, 'the operator’s inbox'],
    ['splitlab.v1.c.n.*.record.>', 'all records'],
    ['_INBOX.>', 'common inboxes'],
    ['$JS.EVENT.ADVISORY.>', 'advisories, which tell names of consumers'],
    ['$SYS.>', 'the system'],
    ['>', 'everything'],
  ] as const;
  for (const [subject, what] of subscribed) {
    test(`subscribing: ${what} (${subject})`, async () => {
      await using connection = await worker();
      const refused = Promise.withResolvers<Error | null>();
      connection.subscribe(subject, { callback: (error) => refused.resolve(error) });
      assert.match(String(await within(5_000, 'the refusal', refused.promise)), /Permissions Violation/i);
    });
  }

  test('a request for one consumer that asks for another inside', async () => {
    await using connection = await worker();
    const ask = async (config: object) => {
      const subject = `$JS.API.CONSUMER.CREATE.${records}.x.${mine.all}`;
      const request = { stream_name: records, config: { name: 'x', ack_policy: 'none', ...config } };
      return (await connection.request(subject, JSON.stringify(request))).json<{ error?: { description: string } }>();
    };
    assert.match((await ask({ filter_subject: other.all })).error?.description ?? '', /did not match filtered subject/);
    assert.match((await ask({ filter_subjects: [mine.all, other.all] })).error?.description ?? '', /multiple|match/i);
    assert.match((await ask({})).error?.description ?? '', /did not match filtered subject/);
    assert.equal((await ask({ filter_subject: mine.all })).error, undefined);
  });

  test('a message that rolls the stream up', async () => {
    await using connection = await worker();
    const { headers } = await import('nats');
    const rollup = headers();
    rollup.set('Nats-Rollup', 'all');
    const answer = await connection.request(mine.worker(0, 'local'), '{}', { timeout: 5_000, headers: rollup });
    assert.match(answer.json<{ error: { description: string } }>().error.description, /rollup not permitted/);
  });
});

test('credentials end with their time', async () => {
  const expired = await credentialIssuer(keys, { lifetimeMs: -1_000 }).issue(ours);
  await assert.rejects(connectWith(server, expired, mine.inbox), /Authorization|expired/i);
  const soon = await connectWith(server, await credentialIssuer(keys, { lifetimeMs: 2_000 }).issue(ours), mine.inbox);
  assert.match(String(await within(10_000, 'the end of the connection', soon.closed())), /expired/i);
});

test('credentials of other keys are refused: another server’s, and those of a rotated key', async () => {
  const strange = await credentialIssuer(createKeys()).issue(ours);
  await assert.rejects(connectWith(server, strange, mine.inbox), /Authorization/i);
  const rotated = rotateSigningKey(keys);
  await using renewed = await serverWith(rotated);
  await assert.rejects(connectWith(renewed, await issuer.issue(ours), mine.inbox), /Authorization/i);
  const connection = await connectWith(renewed, await credentialIssuer(rotated).issue(ours), mine.inbox);
  await connection.close();
});

test('credentials are renewed for another key, another experiment, other rights, and a third before they end', async () => {
  const credentials = await issuer.issue(ours);
  const inDays = (days: number) => new Date(Date.now() + days * 24 * 3_600_000);
  assert.equal(issuer.needsRenewal(ours, credentials, new Date()), false);
  assert.equal(issuer.needsRenewal(ours, credentials, inDays(19)), false);
  assert.equal(issuer.needsRenewal(ours, credentials, inDays(21)), true);
  assert.equal(issuer.needsRenewal(theirs, credentials, new Date()), true);
  assert.equal(issuer.needsRenewal(ours, 'not credentials', new Date()), true);
  assert.equal(credentialIssuer(rotateSigningKey(keys)).needsRenewal(ours, credentials, new Date()), true);
});

test('shared credentials are the same for all, and said to be', async () => {
  const shared = sharedCredentials('text');
  assert.equal(shared.isolated, false);
  assert.equal(await shared.issue(ours), 'text');
  assert.equal(shared.needsRenewal(ours, 'text', new Date()), false);
  assert.equal(shared.needsRenewal(ours, 'older text', new Date()), true);
});

test('the operator reads all experiments of its cluster and purges one, and nothing of another cluster', async () => {
  await using connection = await worker(theirs);
  await openStore(connection, { patienceMs: 0 }).create(other.plan, { total: 3 });
  const store = openStore(operator, { patienceMs: 0 });
  assert.deepEqual(await store.read('records', 'splitlab.v1.c.*.theirs.plan'), [
    { subject: other.plan, value: { total: 3 } },
  ]);
  const archive = openArchive(operator);
  assert.equal((await archive.page('records', other.all)).messages.length, 1);
  assert.deepEqual((await archive.subjects('records', other.all).next()).value, [other.plan]);
  await archive.purge('records', other.all);
  assert.deepEqual(await store.read('records', other.all), []);
  const elsewhere = subjects({ cluster: 'd', namespace: 'n', uid: 'u' });
  await assert.rejects(store.create(elsewhere.plan, {}), /Permissions Violation/i);
  await assert.rejects(store.read('records', elsewhere.all), /Permissions Violation/i);
});

/** The next permission violation that the server tells. */
async function refusal(connection: NatsConnection): Promise<string> {
  for await (const status of connection.status()) if (status.type === 'error') return status.error.message;
  throw new Error('the connection ended first');
}

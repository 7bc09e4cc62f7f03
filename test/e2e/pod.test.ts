import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { fetchMessageSchema } from '../../api/messages/fetch.ts';
import { readTermination } from '../../api/messages/termination.ts';
import { announcementSchema } from '../../api/messages/worker.ts';
import { recordSchema } from '../../api/record/record.ts';
import { subjects } from '../../api/subjects.ts';
import { credentialIssuer, operatorCredentials } from '../../operator/nats/credentials.ts';
import { createKeys } from '../../operator/nats/keys.ts';
import { operatorInbox } from '../../operator/nats/permissions.ts';
import { openStore } from '../../store/store.ts';
import { sendFile, startFileServer } from '../../worker/fetch/testing/server.ts';
import { laneScope, startWorkers } from '../../worker/testing/lane.ts';
import { zooModels } from '../../worker/zoo/models.ts';
import { dataPath } from '../../worker/zoo/samples.ts';
import { eventually } from '../support/deadline.ts';
import { connectWith, serverWith } from '../support/nats-keys.ts';

const limits = { timeout: 180_000 };
const names = subjects(laneScope);
const sha256 = zooModels.DigitsCnn.digest;
const direction = { bandwidth: '50M', delay: '2ms' };
const measured = {
  cuts: { maxCount: 1 },
  baselines: ['LocalOnly', 'RemoteTensor'],
  links: [{ name: 'lab', type: 'Profile', profile: { transport: 'Fluid', uplink: direction, downlink: direction } }],
  tolerance: { bandwidthPercent: '50', delay: '50ms' },
  measurement: { warmup: 1, repetitions: 2, blocks: 1 },
};

/** A NATS server of the cluster, its streams made by the operator, and a credentials file of the experiment. */
async function clusterNats() {
  const keys = createKeys();
  const server = await serverWith(keys);
  const operator = await connectWith(server, await operatorCredentials(keys, laneScope.cluster), operatorInbox('c'));
  const store = openStore(operator);
  await store.ensureStreams();
  return {
    url: server.url,
    store,
    credentials: await credentialIssuer(keys).issue(laneScope),
    async [Symbol.asyncDispose]() {
      await operator.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address !== 'string');
  server.close();
  await once(server, 'close');
  return address.port;
}

test('a lane runs as in pods: credentials, a model of the web, probes', limits, async () => {
  await using nats = await clusterNats();
  const model = await readFile(dataPath('digits-cnn.onnx'));
  let cut = true;
  await using web = await startFileServer((request, response) => {
    sendFile(request, response, model, cut ? { cutAfter: 50_000 } : {});
    cut = false;
  });
  await using workers = await startWorkers({
    model: { http: { url: `${web.origin}/digits.onnx`, sha256 } },
    ...measured,
  });
  const credentialsFile = join(workers.folder, 'nats.creds');
  await writeFile(credentialsFile, nats.credentials, { mode: 0o600 });
  const login = { url: nats.url, credentialsFile };
  const port = await freePort();
  const pod = { POD_UID: 'f00-1', POD_NAME: 'lane-0-local-1', NODE_NAME: 'node-a', SPLITLAB_HEALTH_HOST: '127.0.0.1' };
  const container = { SPLITLAB_CONTAINER: 'worker' };
  const remotePod = { ...pod, POD_UID: 'f00-2', POD_NAME: 'lane-0-remote-0', NODE_NAME: 'node-b' };

  const link = await workers.start('link', login, { podAttempt: 1, env: { ...pod, SPLITLAB_HEALTH_PORT: `${port}` } });
  const remote = await workers.start('remote', login, { env: remotePod });
  const local = await workers.start('local', login, { podAttempt: 1, env: { ...pod, ...container } });
  await eventually(20_000, 'the readiness of the link', async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null);
    return answer?.status === 200 ? true : null;
  });
  assert.deepEqual(await local.ended, { status: 0, said: null });

  const stored = await nats.store.read('records', names.all);
  const records = (await nats.store.read('records', names.allRecords)).map(({ value }) => recordSchema.parse(value));
  const accepted = records.filter(({ verdict }) => verdict.result === 'Accepted');
  assert.deepEqual(accepted.map(({ cut }) => cut.kind).sort(), ['Cut', 'LocalOnly', 'RemoteTensor']);
  for (const record of accepted) {
    assert.deepEqual([record.local.node, record.local.pod, record.local.podAttempt], ['node-a', 'lane-0-local-1', 1]);
    assert.deepEqual(record.model, { name: 'digits.onnx', digest: `sha256:${sha256}`, weights: 'Unknown' });
    if (record.remote) assert.deepEqual([record.remote.node, record.sharedHost], ['node-b', true]);
  }
  const announced = stored.find(({ subject }) => subject === names.worker(0, 'local'));
  const { podUid, kubernetes } = announcementSchema.parse(announced?.value);
  assert.equal(podUid, 'f00-1');
  assert.equal(kubernetes?.container, 'worker');
  for (const { value } of await nats.store.read('records', names.allFetches)) fetchMessageSchema.parse(value);
  for (const { child, ended } of [remote, link]) {
    child.kill('SIGTERM');
    assert.deepEqual(await ended, { status: 143, said: null });
  }
});

for (const [what, spec, code, message] of [
  [
    'a layer that does not exist',
    { cuts: { selection: 'Named', layers: ['convv1'] } },
    'ModelInvalid',
    /^spec\.cuts\.layers: .*nearest/,
  ],
  ['too many visits', { measurement: { blocks: 1000 }, batchSizes: [1, 2, 3, 4], lanes: 1 }, 'PlanTooLarge', /blocks/],
  [
    'a file that is not there',
    { model: { http: { url: 'WEB/absent.onnx', sha256 } } },
    'FetchFailed',
    /^spec\.model\.http: .*404/,
  ],
  ['another file', { model: { http: { url: 'WEB/other.onnx', sha256 } } }, 'DigestMismatch', /^spec\.model\.http: /],
  ['a provider that is not there', { local: { executionProvider: 'CUDA' } }, 'ProviderUnavailable', /^spec\.local: /],
] as const) {
  test(`last words of a worker: ${what}`, limits, async () => {
    await using nats = await clusterNats();
    await using web = await startFileServer((request, response) => {
      if (request.url === '/other.onnx') sendFile(request, response, Buffer.from('another'));
      else response.writeHead(404).end();
    });
    const given = JSON.parse(JSON.stringify({ model: { zoo: 'DigitsCnn' }, ...spec }).replace('WEB', web.origin));
    await using workers = await startWorkers(given);
    const credentialsFile = join(workers.folder, 'nats.creds');
    await writeFile(credentialsFile, nats.credentials, { mode: 0o600 });
    const log = join(workers.folder, 'termination-log');
    const env = { SPLITLAB_TERMINATION_LOG: log };
    const local = await workers.start('local', { url: nats.url, credentialsFile }, { env });
    assert.equal((await local.ended).status, 2);
    const words = readTermination(await readFile(log, 'utf8'));
    assert.ok(words && 'fatal' in words);
    assert.equal(words.fatal.code, code);
    assert.match(words.fatal.message, message);
    assert.deepEqual(await nats.store.read('records', names.worker(0, 'local')), []);
  });
}

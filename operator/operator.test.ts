import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { seededRandom } from '../api/random.ts';
import { withControlPlane } from '../test/cluster/testing.ts';
import { eventually, within } from '../test/support/deadline.ts';
import { serverWith } from '../test/support/nats-keys.ts';
import { type OperatorProcess, startOperatorProcess } from '../test/support/operator-process.ts';
import { startSilentServer } from '../test/support/otlp.ts';
import { type Lab, startLab } from './experiment/testing/lab.ts';
import { ended, ready } from './experiment/testing/observed.ts';
import { announce, storePlan, storeVisit } from './experiment/testing/worker.ts';
import { keySecretData } from './nats/key-secret.ts';
import { createKeys } from './nats/keys.ts';
import { events, leases, secrets, splitExperiments } from './runtime/resources.ts';

const { skip, plane } = await withControlPlane({ crds: 'crds' });
const timeout = process.env.SPLITLAB_TEST_FULL ? 600_000 : 120_000;
const namespace = 'default';
const clusterId = 'test-cluster';
const keys = createKeys();
const folder = await mkdtemp(join(tmpdir(), 'splitlab-operator-'));
let lab: Lab;
let natsUrl = '';
if (!skip) {
  const nats = await serverWith(keys);
  natsUrl = nats.url;
  // Its own controller stays off: the operator under test is a process of its own.
  lab = await startLab({ kubeconfig: plane().kubeconfig, natsUrl, keys });
  const metadata = { name: 'splitlab-keys', namespace };
  await lab.client.create(secrets, { metadata, stringData: await keySecretData(keys) });
  after(async () => {
    await lab[Symbol.asyncDispose]();
    await nats[Symbol.asyncDispose]();
  });
}
after(() => rm(folder, { recursive: true }));

async function startOperator(
  changes: object = {},
  { listens = true, env = {} }: { listens?: boolean; env?: Readonly<Record<string, string>> } = {},
): Promise<OperatorProcess> {
  const config = {
    clusterId,
    nats: { url: natsUrl, keysSecret: 'splitlab-keys' },
    images: { cpu: 'cpu:1', cuda: 'cuda:1' },
    leaderElection: { namespace, leaseDurationSeconds: 3, renewDeadlineSeconds: 2, retryPeriodSeconds: 1 },
    resultsApi: { port: 0 },
    healthPort: 0,
    ...changes,
  };
  const operator = await startOperatorProcess({ folder, kubeconfig: plane().kubeconfig, namespace, config, env });
  if (listens) await operator.healthPort;
  return operator;
}

async function isReady({ healthPort }: OperatorProcess): Promise<true | null> {
  const answer = await fetch(`http://127.0.0.1:${await healthPort}/readyz`).catch(() => null);
  return answer?.status === 200 ? true : null;
}

/** Requests that changed something, as the API server counts them, by resource. */
async function writes(): Promise<Record<string, number>> {
  const text = await lab.client.getText('/metrics');
  const counts: Record<string, number> = {};
  for (const line of text.split('\n')) {
    const match = /^apiserver_request_total\{(.*)\} (\d+)/.exec(line);
    const labels = Object.fromEntries(
      [...(match?.[1] ?? '').matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]),
    );
    if (!['POST', 'PUT', 'PATCH', 'APPLY', 'DELETE'].includes(labels.verb ?? '')) continue;
    const resource = `${labels.resource}${labels.subresource ? `/${labels.subresource}` : ''}`;
    counts[resource] = (counts[resource] ?? 0) + Number(match?.[2]);
  }
  return counts;
}

test('the operator as a process: it leads, runs an experiment with few writes, and gives the lease up', {
  skip,
  timeout,
}, async (context) => {
  const operator = await startOperator();
  context.after(() => operator.kill());
  await eventually(20_000, 'ready', () => isReady(operator));
  const before = await writes();
  const experiment = await lab.apply('counted', { model: { zoo: 'DigitsCnn' } });
  const local = await lab.pod(experiment, 'local');
  const remote = await lab.pod(experiment, 'remote');
  const names = lab.names(experiment);
  const { store } = lab.stored;
  for (const { metadata } of [local, remote]) await lab.setPod(metadata.name, ready);
  await announce(store, names, 'local');
  await announce(store, names, 'remote');
  await storePlan(store, names, 8);
  for (let block = 0; block < 8; block++) await storeVisit(store, names, { block });
  await lab.setPod(local.metadata.name, ended(0));
  await lab.until('it is over', () => lab.reason('counted', 'Succeeded') === 'Completed');
  await lab.until('pods go', () =>
    lab.podsOf(experiment).every(({ metadata }) => metadata.deletionTimestamp !== undefined),
  );
  const story = await eventually(10_000, 'the story', async () => {
    const { items } = await lab.client.list(events, { namespace, fieldSelector: 'involvedObject.name=counted' });
    const reasons = items.map(({ reason }) => reason);
    return reasons.includes('Completed') ? reasons : null;
  });
  for (const reason of ['Started', 'PodsCreated', 'Planned', 'ResultsStored'])
    assert.ok(story.includes(reason), reason);
  const now = await writes();
  // The test itself made the experiment and wrote three statuses of pods.
  const {
    'pods/status': _pods,
    leases: _lease,
    ...counted
  } = Object.fromEntries(Object.entries(now).map(([resource, count]) => [resource, count - (before[resource] ?? 0)]));
  const total = Object.values(counted).reduce((sum, count) => sum + count, 0) - 1;
  context.diagnostic(`${total} writes: ${JSON.stringify(counted)}`);
  assert.ok(total <= 20, `${total} writes: ${JSON.stringify(counted)}`);

  assert.equal(await operator.stop(), 0);
  const lease = await lab.client.get(leases, { namespace, name: 'splitlab-operator' });
  assert.ok(!lease.spec?.holderIdentity, 'the lease is given up');
});

test('killed again and again, it comes to the same end', { skip, timeout }, async (context) => {
  const kills = process.env.SPLITLAB_TEST_FULL ? 50 : 4;
  const experiment = await lab.apply('killed', { model: { zoo: 'DigitsCnn' } });
  const names = lab.names(experiment);
  const seed = Date.now();
  context.diagnostic(`seed ${seed}`);
  const random = seededRandom(seed);
  // A list, since one that was made twice is to show at the end: what a handler throws fails nothing.
  const made: string[] = [];
  const deaf = lab.pods.addHandler({
    onAdd({ metadata: { name } }) {
      if (!name.startsWith('killed-')) return;
      made.push(name);
      void lab.setPod(name, ready).catch(() => {});
    },
  });
  context.after(deaf);
  await storePlan(lab.stored.store, names, kills + 1);
  for (let kill = 0; kill < kills; kill++) {
    const operator = await startOperator();
    // Somewhere between its start and what it does as the leader.
    await delay(random.below(4_000));
    await operator.kill();
    await storeVisit(lab.stored.store, names, { block: kill });
  }
  const operator = await startOperator();
  context.after(() => operator.kill());
  const local = await lab.pod(experiment, 'local');
  await storeVisit(lab.stored.store, names, { block: kills });
  await lab.setPod(local.metadata.name, ended(0));
  await lab.until('it is over', () => lab.reason('killed', 'Succeeded') === 'Completed');
  assert.deepEqual(lab.status('killed').visits, { total: kills + 1, completed: kills + 1, rejected: 0, failed: 0 });
  assert.deepEqual(made.sort(), ['killed-0-local-0', 'killed-0-remote-0']);
  assert.equal(await operator.stop(), 0);
});

test('what is finished costs nothing after a restart, and NATS may come late', { skip, timeout }, async (context) => {
  const before = (await lab.client.get(splitExperiments, { namespace, name: 'counted' })).metadata.resourceVersion;
  const late = { url: 'nats://127.0.0.1:1', keysSecret: 'splitlab-keys' };
  const operator = await startOperator({ nats: late });
  context.after(() => operator.kill());
  await eventually(20_000, 'ready', () => isReady(operator));
  await lab.apply('waits', { model: { zoo: 'DigitsCnn' } });
  await lab.until('it is said', () => lab.reason('waits', 'WorkersReady') === 'StoreUnavailable');
  assert.match(lab.message('waits', 'Succeeded') ?? '', /NATS at nats:\/\/127\.0\.0\.1:1 does not answer/);
  const now = (await lab.client.get(splitExperiments, { namespace, name: 'counted' })).metadata.resourceVersion;
  assert.equal(now, before);
  assert.equal(await operator.stop(), 0);
});

test('it waits for an API server that is away when it starts', { skip, timeout }, async (context) => {
  await plane().killApiServer();
  const operator = await startOperator({}, { listens: false });
  context.after(() => operator.kill());
  const waits = () => operator.log.find(({ msg }) => msg === 'the API server does not answer yet');
  await eventually(20_000, 'it says so', async () => waits() ?? null);
  await plane().startApiServer();
  await eventually(40_000, 'ready', () => isReady(operator));
  assert.equal(await operator.stop(), 0);

  await plane().killApiServer();
  const stopped = await startOperator({}, { listens: false });
  context.after(() => stopped.kill());
  await eventually(20_000, 'it waits', async () => (stopped.log.length > 0 ? true : null));
  assert.equal(await stopped.stop(), 0, 'stopped before it could start');
  await plane().startApiServer();
});

test('a bad configuration ends it with status 2 and the name of the field', async () => {
  const file = join(folder, 'bad.json');
  await writeFile(file, JSON.stringify({ nats: { url: 'x' } }));
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let log = '';
  child.stdout.on('data', (part) => {
    log += part;
  });
  const [status] = await within(20_000, 'it ends', once(child, 'close'));
  assert.equal(status, 2);
  assert.match(log, /nats\.url: write nats:\/\/HOST:PORT/);
});

test('a receiver that never answers holds its end up for 5 s, and its log has no secret', {
  skip,
  timeout,
}, async () => {
  await using receiver = await startSilentServer();
  const [header, token] = ['of-the-receiver-8f3a', 'of-a-caller-51d7'];
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_EXPORTER_OTLP_HEADERS: `authorization=${header}`,
    OTEL_METRIC_EXPORT_INTERVAL: '1000',
  };
  const operator = await startOperator({ logLevel: 'debug' }, { env });
  await operator.leads;
  // Its passes are spans that wait to be sent.
  await lab.pod(await lab.apply('deaf', { model: { zoo: 'DigitsCnn' } }), 'local');
  const headers = { authorization: `Bearer ${token}` };
  await fetch(`http://127.0.0.1:${operator.resultsPort()}/`, { headers }).then((answer) => answer.text());
  const beganMs = performance.now();
  assert.equal(await operator.stop(), 0);
  const tookMs = performance.now() - beganMs;
  assert.ok(tookMs > 4_000 && tookMs < 10_000, `${tookMs} ms`);
  const log = JSON.stringify(operator.log);
  const seeds = Object.values(await keySecretData(keys)).filter((text) => /^S[AO]\w+$/.test(text));
  assert.ok(seeds.length >= 3);
  for (const secret of [header, token, ...seeds]) assert.ok(!log.includes(secret), secret);
});

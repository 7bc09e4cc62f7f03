import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { withControlPlane } from '../../test/cluster/testing.ts';
import { eventually } from '../../test/support/deadline.ts';
import { serverWith } from '../../test/support/nats-keys.ts';
import { createKeys } from '../nats/keys.ts';
import { pods, secrets, splitExperiments } from '../runtime/resources.ts';
import { type Lab, startLab } from './testing/lab.ts';
import { ended, ready, unschedulable } from './testing/observed.ts';
import { announce, storePlan, storeVisit } from './testing/worker.ts';

const { skip, plane } = await withControlPlane({ crds: 'crds' });
const spec = { model: { zoo: 'DigitsCnn' } };
const timeout = 120_000;
let lab: Lab;
let nats: Awaited<ReturnType<typeof serverWith>>;
if (!skip) {
  const keys = createKeys();
  nats = await serverWith(keys);
  lab = await startLab({ kubeconfig: plane().kubeconfig, natsUrl: nats.url, keys });
  after(async () => {
    await lab[Symbol.asyncDispose]();
    await nats[Symbol.asyncDispose]();
  });
}
beforeEach(async () => {
  await lab?.stop();
  lab?.start();
});

test('an experiment from apply to its end', { skip, timeout }, async () => {
  const experiment = await lab.apply('whole', spec);
  const local = await lab.pod(experiment, 'local');
  const remote = await lab.pod(experiment, 'remote');
  assert.deepEqual([local.metadata.name, remote.metadata.name], ['whole-0-local-0', 'whole-0-remote-0']);
  const secret = await lab.client.get(secrets, { namespace: 'default', name: 'whole-worker' });
  assert.deepEqual(Object.keys(secret.data ?? {}).sort(), ['config.json', 'nats.creds']);

  const { store } = lab.stored;
  const names = lab.names(experiment);
  for (const { metadata } of [local, remote]) await lab.setPod(metadata.name, ready);
  await announce(store, names, 'local');
  await announce(store, names, 'remote');
  await storePlan(store, names, 2);
  await lab.until('it runs', () => lab.reason('whole', 'Succeeded') === 'Running');
  await storeVisit(store, names, { block: 0 });
  await storeVisit(store, names, { block: 1 });
  await lab.setPod(local.metadata.name, ended(0));
  await lab.until('it is over', () => lab.reason('whole', 'Succeeded') === 'Completed');
  const status = lab.status('whole');
  assert.deepEqual(status.visits, { total: 2, completed: 2, rejected: 0, failed: 0 });
  assert.deepEqual(status.summary, {
    model: 'DigitsCnn',
    progress: '2/2',
    bestCut: 'conv1',
    latencyP50: '11.0ms',
    link: 'wifi',
  });
  assert.equal(lab.reason('whole', 'ResultsStored'), 'Stored');
  assert.equal(lab.reason('whole', 'Isolated'), 'OwnCredentials');
  await lab.until('pods go', () =>
    lab.podsOf(experiment).every(({ metadata }) => metadata.deletionTimestamp !== undefined),
  );
  const story = ['Started', 'PodsCreated', 'Planned', 'ResultsStored', 'Completed'];
  assert.deepEqual(lab.told('whole'), story);
});

test('unschedulable waits with the words of the scheduler, and goes on', { skip, timeout }, async () => {
  const experiment = await lab.apply('waits', spec);
  const { metadata } = await lab.pod(experiment, 'local');
  await lab.setPod(metadata.name, unschedulable('0/2 nodes are available: 2 Insufficient nvidia.com/gpu.'));
  await lab.until('it is said', () => lab.reason('waits', 'WorkersReady') === 'Unschedulable');
  assert.match(lab.message('waits', 'WorkersReady') ?? '', /2 Insufficient nvidia.com\/gpu/);
  await lab.setPod(metadata.name, ready);
  await lab.until('it goes on', () => lab.reason('waits', 'WorkersReady') !== 'Unschedulable');
});

test('a quota that leaves no room is told, and tried again', { skip, timeout }, async () => {
  await plane().kubectl(['create', 'quota', 'none', '--hard=pods=0', '--namespace=default']);
  const patch = JSON.stringify({ status: { hard: { pods: '0' }, used: { pods: '0' } } });
  await plane().kubectl(['patch', 'quota', 'none', '--namespace=default', '--subresource=status', `--patch=${patch}`]);
  const experiment = await lab.apply('quota', spec);
  try {
    await lab.until('it is said', () => lab.reason('quota', 'WorkersReady') === 'QuotaExceeded');
    assert.match(lab.message('quota', 'WorkersReady') ?? '', /exceeded quota: none/);
  } finally {
    await plane().kubectl(['delete', 'quota', 'none', '--namespace=default']);
  }
  await lab.pod(experiment, 'local');
  await lab.pod(experiment, 'remote');
});

test('a foreign pod with our name is left alone', { skip, timeout }, async () => {
  const containers = [{ name: 'theirs', image: 'x' }];
  const foreign = await lab.client.create(pods, {
    metadata: { name: 'taken-0-local-0', namespace: 'default' },
    spec: { containers },
  });
  await lab.apply('taken', spec);
  await lab.until('it is said', () => lab.reason('taken', 'WorkersReady') === 'NameTaken');
  const still = await lab.client.get(pods, { namespace: 'default', name: 'taken-0-local-0' });
  assert.equal(still.metadata.uid, foreign.metadata.uid);
  assert.equal(still.metadata.deletionTimestamp, undefined);
});

test('a worker that fails is replaced, and one that fails for good ends it', { skip, timeout }, async () => {
  const experiment = await lab.apply('fails', spec);
  const first = await lab.pod(experiment, 'remote');
  await lab.setPod(first.metadata.name, ended(1, '{"failed":{"code":"WorkerSilent","message":"no answer"}}'));
  const second = await lab.pod(experiment, 'remote', 1);
  const message = JSON.stringify({ fatal: { code: 'ModelInvalid', message: 'there is no layer conv9' } });
  await lab.setPod(second.metadata.name, ended(2, message));
  await lab.until('it is over', () => lab.reason('fails', 'Succeeded') === 'ModelInvalid');
  assert.match(lab.message('fails', 'Succeeded') ?? '', /there is no layer conv9/);
  assert.equal(lab.reason('fails', 'Stalled'), 'Failed');
});

test('a pod that somebody deletes is replaced by a higher number', { skip, timeout }, async () => {
  const experiment = await lab.apply('deleted', spec);
  const { metadata } = await lab.pod(experiment, 'local');
  await lab.setPod(metadata.name, ready);
  await lab.finishPod(metadata.name);
  await lab.pod(experiment, 'local', 1);
});

test('suspend takes the pods away, and going on brings others', { skip, timeout }, async () => {
  const experiment = await lab.apply('rests', spec);
  await lab.pod(experiment, 'local');
  await lab.pod(experiment, 'remote');
  await lab.change('rests', { suspend: true });
  await lab.until('it rests', () => lab.reason('rests', 'Succeeded') === 'Suspended');
  await lab.until('pods go', () =>
    lab.podsOf(experiment).every(({ metadata }) => metadata.deletionTimestamp !== undefined),
  );
  for (const { metadata } of lab.podsOf(experiment)) await lab.finishPod(metadata.name);
  await lab.change('rests', { suspend: false });
  await lab.pod(experiment, 'local', 1);
  await lab.pod(experiment, 'remote', 1);
  assert.equal(lab.status('rests').activeSeconds !== undefined, true);
});

test('what the API server cannot see is refused with path and remedy', { skip, timeout }, async () => {
  await lab.apply('refused', { ...spec, links: [{ name: 'wifi', type: 'Preset', preset: 'WiFi' }] });
  await lab.until('it is refused', () => lab.reason('refused', 'Succeeded') === 'Unsupported');
  assert.match(
    lab.message('refused', 'Succeeded') ?? '',
    /spec\.links\[0\]\.type: "Preset" is not built yet; write type: Profile/,
  );
});

test('after its time to live the object goes, and its results stay', { skip, timeout }, async () => {
  const experiment = await lab.apply('expires', { ...spec, ttlSecondsAfterFinished: 0 });
  const { metadata } = await lab.pod(experiment, 'local');
  await lab.setPod(metadata.name, ended(2, '{"fatal":{"code":"InputInvalid","message":"m"}}'));
  await lab.until('it is gone', () => lab.experiments.get({ namespace: 'default', name: 'expires' }) === undefined);
  const retention = await lab.stored.archive.newest('records', lab.names(experiment).retention);
  assert.equal(Object(retention?.value).policy, 'Retain');
});

test('what becomes of the results may be changed at any time', { skip, timeout }, async () => {
  const experiment = await lab.apply('kept', spec);
  await lab.pod(experiment, 'local');
  const policy = async () =>
    Object((await lab.stored.archive.newest('records', lab.names(experiment).retention))?.value).policy;
  assert.equal(await policy(), 'Delete');
  await lab.stop();
  await lab.change('kept', { results: { deletionPolicy: 'Retain' } });
  lab.start();
  await eventually(20_000, 'it is declared', async () => ((await policy()) === 'Retain' ? true : null));
});

test('credentials that are void or about to expire are renewed while it runs', { skip, timeout }, async () => {
  const experiment = await lab.apply('renewed', spec);
  await lab.pod(experiment, 'local');
  const key = { namespace: 'default', name: 'renewed-worker' };
  const held = async () => (await lab.client.get(secrets, key)).data?.['nats.creds'];
  const first = await held();
  await lab.stop();
  await lab.client.patch(secrets, key, { data: { 'nats.creds': Buffer.from('void').toString('base64') } });
  lab.start();
  await eventually(20_000, 'other credentials', async () => {
    const text = Buffer.from((await held()) ?? '', 'base64').toString();
    return text.includes('BEGIN NATS USER JWT') ? true : null;
  });
  assert.notEqual(await held(), first);
});

test('an operator that was killed at any moment goes on', { skip, timeout }, async () => {
  const experiment = await lab.apply('killed', spec);
  await lab.stop();
  lab.start();
  const { metadata } = await lab.pod(experiment, 'local');
  await lab.stop();
  const names = lab.names(experiment);
  await storePlan(lab.stored.store, names, 1);
  await storeVisit(lab.stored.store, names);
  await lab.setPod(metadata.name, ended(0));
  lab.start();
  await lab.until('it is over', () => lab.reason('killed', 'Succeeded') === 'Completed');
  // The remote side may never have been made: it has nothing to do any more.
  for (const pod of lab.podsOf(experiment)) assert.match(pod.metadata.name, /^killed-0-(local|remote)-0$/);
});

test('a finished experiment that is found again is not written', { skip, timeout }, async () => {
  const key = { namespace: 'default', name: 'whole' };
  const before = await lab.client.get(splitExperiments, key);
  await lab.stop();
  lab.start();
  const experiment = await lab.apply('after', spec);
  await lab.pod(experiment, 'remote');
  assert.equal((await lab.client.get(splitExperiments, key)).metadata.resourceVersion, before.metadata.resourceVersion);
});

test('a store that lost its volume while nobody looked: the results are said to be lost', {
  skip,
  timeout,
}, async () => {
  const experiment = await lab.apply('lost', spec);
  const names = lab.names(experiment);
  const local = await lab.pod(experiment, 'local');
  await storePlan(lab.stored.store, names, 1);
  await storeVisit(lab.stored.store, names, { block: 0 });
  await lab.setPod(local.metadata.name, ended(0));
  await lab.until('it is over', () => lab.reason('lost', 'ResultsStored') === 'Stored');
  await lab.stop();
  await nats.kill();
  await rm(join(nats.folder, 'jetstream'), { recursive: true });
  await nats.restart();
  lab.start();
  await lab.until('it is said', () => lab.reason('lost', 'ResultsStored') === 'ResultsLost');
  assert.match(lab.message('lost', 'ResultsStored') ?? '', /0 of 1 final visits/);
  assert.equal(lab.reason('lost', 'Succeeded'), 'Completed');
  // Events follow the status.
  await eventually(10_000, 'it is told', async () => lab.told('lost').includes('ResultsLost') || null);
});

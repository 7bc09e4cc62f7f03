import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { pino } from 'pino';
import { formatTraceparent, newTrace } from '../../../api/trace/context.ts';
import { experimentContext } from '../../../api/trace/identity.ts';
import { workerConfigSchema } from '../../../api/worker-config.ts';
import { withControlPlane } from '../../../test/cluster/testing.ts';
import { eventually } from '../../../test/support/deadline.ts';
import { serverWith } from '../../../test/support/nats-keys.ts';
import { createKeys } from '../../nats/keys.ts';
import { secrets, splitExperiments } from '../../runtime/resources.ts';
import type { FinishedSpan } from '../../telemetry/tracing.ts';
import { type Lab, startLab } from '../testing/lab.ts';
import { ended, ready } from '../testing/observed.ts';
import { announce, storePlan, storeVisit } from '../testing/worker.ts';

const { skip, plane } = await withControlPlane({ crds: 'crds' });
const options = { skip, timeout: 120_000 };
const spec = { model: { zoo: 'DigitsCnn' } };
const spans: FinishedSpan[] = [];
const lines: string[] = [];
let lab: Lab;
if (!skip) {
  const keys = createKeys();
  const nats = await serverWith(keys);
  const tracing = { tell: (span: FinishedSpan) => void spans.push(span) };
  const logger = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) });
  lab = await startLab({ kubeconfig: plane().kubeconfig, natsUrl: nats.url, keys, tracing, logger });
  lab.start();
  after(async () => {
    await lab[Symbol.asyncDispose]();
    await nats[Symbol.asyncDispose]();
    assert.ok(lines.length > 0);
    const { accountSeed, signingSeed, operatorSeed, systemSeed } = keys;
    // The last two stand in any credentials file: its head, and the beginning of a JWT.
    const secretTexts = [accountSeed, signingSeed, operatorSeed, systemSeed, 'BEGIN NATS', 'eyJ'];
    for (const line of lines) assert.ok(!secretTexts.some((text) => line.includes(text)), line);
  });
}

const of = (uid: string, name: string) =>
  spans.filter((span) => span.name === name && span.attributes['splitlab.experiment.uid'] === uid);

async function traceparentOf(name: string): Promise<string | undefined> {
  const { data } = await lab.client.get(secrets, { namespace: 'default', name: `${name}-worker` });
  return workerConfigSchema.parse(JSON.parse(Buffer.from(data?.['config.json'] ?? '', 'base64').toString()))
    .traceparent;
}

test('an annotation reaches the workers, and the passes lie in its trace', options, async () => {
  const parent = newTrace(true);
  const experiment = await lab.apply('traced', spec, { 'splitlab.dev/traceparent': formatTraceparent(parent) });
  const { uid } = experiment.metadata;
  const context = experimentContext(uid, parent);
  const local = await lab.pod(experiment, 'local');
  const remote = await lab.pod(experiment, 'remote');
  assert.equal(await traceparentOf('traced'), formatTraceparent(context));

  const { store } = lab.stored;
  const names = lab.names(experiment);
  for (const { metadata } of [local, remote]) await lab.setPod(metadata.name, ready);
  await announce(store, names, 'local');
  await announce(store, names, 'remote');
  await storePlan(store, names, 1);
  await lab.until('it runs', () => lab.reason('traced', 'Succeeded') === 'Running');
  // Neither of them changes what is measured, nor what was made for it.
  await lab.client.patch(
    splitExperiments,
    { namespace: 'default', name: 'traced' },
    { metadata: { labels: { a: 'b' } } },
  );
  await storeVisit(store, names, { block: 0 });
  await lab.setPod(local.metadata.name, ended(0));
  const [root] = await eventually(20_000, 'the experiment is told', async () =>
    of(uid, 'experiment').length > 0 ? of(uid, 'experiment') : null,
  );

  assert.deepEqual([root?.context, root?.parent, root?.error], [context, parent, undefined]);
  assert.equal(root?.attributes['splitlab.reason'], 'Completed');
  assert.equal(root?.attributes['splitlab.visits.completed'], 1);
  const passes = of(uid, 'reconcile');
  for (const pass of passes) {
    assert.deepEqual(pass.parent, context);
    assert.equal(pass.context.traceId, parent.traceId);
    assert.ok(pass.startTimeMs >= (root?.startTimeMs ?? 0) && pass.startTimeMs <= pass.endTimeMs);
    const changes = ['created', 'changed', 'deleted', 'events'] as const;
    assert.ok(
      changes.some((change) => pass.attributes[`splitlab.reconcile.${change}`]),
      'an idle pass is no span',
    );
  }
  const told = (change: 'created' | 'changed' | 'deleted' | 'events') =>
    passes.map(({ attributes }) => attributes[`splitlab.reconcile.${change}`] ?? '').join();
  // Both pods are asked for at once.
  assert.match(
    told('created'),
    /secrets\/traced-worker, pods\/traced-0-(local|remote)-0, pods\/traced-0-(local|remote)-0/,
  );
  assert.match(told('changed'), /splitexperiments\/traced\/status/);
  assert.match(told('deleted'), /pods\/traced-0-remote-0/);
  assert.match(told('events'), /Started, PodsCreated/);

  const logged = lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'reconciled');
  const ofThis = logged.filter(({ experiment: name }) => name === 'default/traced');
  assert.deepEqual(
    ofThis.map(({ span_id }) => span_id),
    passes.map(({ context: { spanId } }) => spanId),
  );
  assert.ok(ofThis.every(({ trace_id }) => trace_id === parent.traceId));
});

test('one that nobody can read is told, and the experiment has a trace of its own', options, async () => {
  const experiment = await lab.apply('untraced', spec, { 'splitlab.dev/traceparent': 'yesterday' });
  await lab.pod(experiment, 'local');
  assert.equal(await traceparentOf('untraced'), formatTraceparent(experimentContext(experiment.metadata.uid)));
  assert.ok(lab.told('untraced').includes('TraceparentIgnored'));
});

test('an experiment that is deleted before its end says so', options, async () => {
  const experiment = await lab.apply('gone', spec);
  await lab.pod(experiment, 'local');
  await lab.client.delete(splitExperiments, { namespace: 'default', name: 'gone' });
  const { uid } = experiment.metadata;
  const [root] = await eventually(20_000, 'it is told', async () =>
    of(uid, 'experiment').length > 0 ? of(uid, 'experiment') : null,
  );
  assert.match(root?.error ?? '', /deleted before its end/);
});

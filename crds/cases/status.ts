import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boundStatus } from '../../api/status/bound.ts';
import { finding, setCondition } from '../../api/status/conditions.ts';
import { type ExperimentStatus, readStatus } from '../../api/status/status.ts';
import { plane, skip } from '../testing/plane.ts';
import { experiment, onceKnown, path, write } from '../testing/server.ts';

const spec = { model: { zoo: 'VGG16' } };
const observation = { now: new Date(Date.UTC(2026, 0, 31, 12)), generation: 1 };
const conditions = setCondition([], finding('Succeeded', 'Running', '37 of 120 visits are final'), observation);

async function create(name: string): Promise<string> {
  const made = await write(plane().client, 'POST', path, experiment(spec, name));
  assert.ok(made.ok, JSON.stringify(made));
  return `${path}/${name}`;
}

const writeStatus = (at: string, status: unknown) =>
  write(plane().client, 'PATCH', `${at}/status`, { status }, 'application/merge-patch+json');

test('spec and status are written apart', { skip }, async () => {
  const at = await create('apart');
  const reported = await writeStatus(at, { conditions, observedGeneration: 1 });
  assert.ok(reported.ok, JSON.stringify(reported));
  assert.deepEqual(readStatus(reported.object.status), { conditions, observedGeneration: 1 });
  assert.equal(reported.object.metadata.generation, 1);
  const body = { spec: { suspend: true }, status: { conditions: [] } };
  const changed = await write(plane().client, 'PATCH', at, body, 'application/merge-patch+json');
  assert.ok(changed.ok, JSON.stringify(changed));
  assert.equal(changed.object.metadata.generation, 2);
  assert.deepEqual(readStatus(changed.object.status).conditions, conditions);
  const both = { spec: { suspend: false }, status: { observedGeneration: 2 } };
  const second = await write(plane().client, 'PATCH', `${at}/status`, both, 'application/merge-patch+json');
  assert.ok(second.ok, JSON.stringify(second));
  assert.equal(second.object.spec.suspend, true);
});

test('the fullest status is stored as it was written', { skip }, async () => {
  const at = await create('full');
  const status = boundStatus(fullStatus());
  const outcome = await writeStatus(at, status);
  assert.ok(outcome.ok, JSON.stringify(outcome));
  assert.deepEqual(outcome.object.status, status);
});

test('a reason or an objective of a later version is no mistake, what is malformed is', { skip }, async () => {
  const at = await create('later');
  const [condition] = conditions;
  assert.ok((await writeStatus(at, { conditions: [{ ...condition, reason: 'ReasonOfALaterVersion' }] })).ok);
  const wrong = { ...condition, status: 'Yes', reason: 'no word', lastTransitionTime: 'yesterday' };
  const outcome = await writeStatus(at, { conditions: [wrong] });
  assert.ok(!outcome.ok);
  const fields = new Set(outcome.refusals.map(({ field }) => field));
  assert.deepEqual(
    ['status', 'reason', 'lastTransitionTime'].filter((name) => !fields.has(`status.conditions[0].${name}`)),
    [],
  );
});

test('kubectl get shows where an experiment is', { skip }, async () => {
  const at = await create('columns');
  const summary = { model: 'VGG16', progress: '37/120', bestCut: 'pool3', latencyP50: '23.4ms', link: 'wifi' };
  assert.ok((await writeStatus(at, { conditions, summary })).ok);
  const table = (...more: string[]) => onceKnown(plane(), ['get', 'splitx', 'columns', ...more]);
  const rows = (text: string) =>
    text
      .trim()
      .split('\n')
      .map((line) => line.split(/ {2,}/));
  const [head, row] = rows(await table());
  assert.deepEqual(head, ['NAME', 'MODEL', 'SUCCEEDED', 'REASON', 'PROGRESS', 'BEST-CUT', 'P50', 'AGE']);
  assert.deepEqual(row?.slice(0, 7), ['columns', 'VGG16', 'Unknown', 'Running', '37/120', 'pool3', '23.4ms']);
  const [wideHead, wideRow] = rows(await table('--output=wide'));
  assert.equal(wideHead?.[7], 'LINK');
  assert.equal(wideRow?.[7], 'wifi');
});

test('experiments are found by their short name and their category', { skip }, async () => {
  await create('found');
  for (const kind of ['splitx', 'splitexperiment', 'splitlab']) {
    const found = await onceKnown(plane(), ['get', kind, 'found', '--output=name']);
    assert.equal(found, 'splitexperiment.splitlab.dev/found\n');
  }
});

test('kubectl waits for the end', { skip }, async () => {
  const at = await create('waited');
  await writeStatus(at, { conditions: setCondition(conditions, finding('Succeeded', 'Completed'), observation) });
  await onceKnown(plane(), ['wait', '--for=condition=Succeeded', '--timeout=10s', 'splitx/waited']);
});

function fullStatus(): ExperimentStatus {
  const digest = `sha256:${'a'.repeat(64)}`;
  const time = '2026-01-31T12:00:00Z';
  const trial = {
    link: 'wifi',
    batchSize: 1,
    cut: 'conv2_block1_out',
    codec: 'Affine8/PerTensor+Zstd',
    trialId: 'a'.repeat(16),
  };
  const list = <T>(length: number, item: (index: number) => T) => Array.from({ length }, (_, index) => item(index));
  return {
    observedGeneration: 3,
    conditions,
    startTime: time,
    completionTime: time,
    activeSeconds: 60,
    activeSince: time,
    specDigest: digest,
    planDigest: digest,
    visits: { total: 120, completed: 30, rejected: 5, failed: 2 },
    summary: { model: 'VGG16', progress: '37/120', bestCut: 'pool3', latencyP50: '23.4ms', link: 'wifi' },
    best: list(64, () => ({
      objective: 'LatencyP50',
      ...trial,
      value: '23.4567',
      unit: 'Millisecond',
      gainOverLocalOnlyPercent: '-1.5',
      verdictOverLocalOnly: 'Inconclusive',
      gainOverRemotePercent: '12.25',
      verdictOverRemote: 'Better',
    })),
    pareto: list(20, () => ({ ...trial, figures: [{ objective: 'UplinkBytes', value: '12845056' }] })),
    lanes: list(64, (index) => ({
      name: String(index),
      podAttempt: 3,
      localPod: `full-${index}-local-3`,
      remotePod: `full-${index}-remote-2`,
      localSeen: true,
      remoteSeen: false,
      replacedAt: time,
      failures: 1,
      finalAtFailure: 12,
    })),
  };
}

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { VisitRecord } from '../../../../api/record/record.ts';
import { formatTraceparent, newTrace } from '../../../../api/trace/context.ts';
import { traceparentAnnotation } from '../../../../operator/experiment/trace.ts';
import { secretName } from '../../../../operator/pod/name.ts';
import { runToEnd, temporaryFolder } from '../../../support/command.ts';
import { assertComplete, recordsOf } from '../../../support/results.ts';
import { jaegerEndpoint } from '../jaeger.ts';
import { clusterManifest } from '../manifest.ts';
import { assertSameMembers } from '../members.ts';
import { clusterTest, type Scene } from '../scene.ts';
import { assertTraced } from '../traces.ts';

const name = 'whole';
/** Two cuts and two baselines in two blocks. */
const visits = 8;

export function wholeCase(): void {
  clusterTest('an experiment from apply to delete', async (scene) => {
    const parent = newTrace(true);
    const annotations = { [traceparentAnnotation]: formatTraceparent(parent) };
    const appliedAt = Date.now();
    await scene.apply(name, { telemetry: { endpoint: jaegerEndpoint } }, annotations);
    const uid = scene.uid(name);
    const pods = await scene.until('both pods', () => (scene.pods(name).length === 2 ? scene.pods(name) : null));
    const podsMs = Date.now() - appliedAt;
    assert.deepEqual(pods.map(({ metadata }) => metadata.name).sort(), ['whole-0-local-0', 'whole-0-remote-0']);
    const places = await scene.until('both pods are placed', () => {
      const placed = scene
        .pods(name)
        .flatMap(({ metadata, spec }) => (spec?.nodeName ? [[metadata.name, spec.nodeName] as const] : []));
      return placed.length === 2 ? new Map(placed) : null;
    });
    assert.deepEqual([...places.values()].sort(), ['node-1', 'node-2']);
    const watching = scene.split('watch', name);
    await scene.untilReason(name, 'Succeeded', 'Running');
    await scene.untilReason(name, 'Succeeded', 'Completed');
    const wholeMs = Date.now() - appliedAt;

    const records = await scene.records(uid);
    assertComplete(records, visits);
    const firstMs = Math.min(...records.map(({ startedAt }) => Date.parse(startedAt))) - appliedAt;
    scene.context.diagnostic(
      `apply to both pods ${podsMs} ms, to the first visit ${firstMs} ms, to the end ${wholeMs} ms`,
    );

    await assertStatus(scene);
    await assertPlugin(scene, await watching);
    await Promise.all([assertLikeLocalRun(records), assertTraced(scene, { name, parent, records, places })]);
    await assertGone(scene, uid);
  });
}

async function assertStatus(scene: Scene): Promise<void> {
  const { visits: counts, best = [], pareto = [], summary, conditions = [] } = scene.status(name);
  assert.deepEqual(counts, { total: visits, completed: visits, rejected: 0, failed: 0 });
  assert.deepEqual(new Set(best.map(({ objective }) => objective)), new Set(['LatencyP50', 'UplinkBytes']));
  assert.ok(pareto.length > 0);
  const reasons = Object.fromEntries(conditions.map(({ type, status, reason }) => [type, `${status} ${reason}`]));
  assert.deepEqual(reasons, {
    Succeeded: 'True Completed',
    ResultsStored: 'True Stored',
    Isolated: 'True OwnCredentials',
    WorkersReady: 'False Finished',
    Reconciling: 'False Finished',
    Stalled: 'False NotStalled',
  });
  assert.equal(best[0]?.traceId, summary?.bestTrace);
  const columns = await scene.kubectl('get', 'splitx', name, '--no-headers');
  const { bestCut, latencyP50 } = summary ?? {};
  const shown = [name, 'DigitsCnn', 'True', 'Completed', `${visits}/${visits}`, bestCut, latencyP50];
  assert.deepEqual(columns.trim().split(/ +/).slice(0, -1), shown);
  const told = ['Started', 'PodsCreated', 'Planned', 'ResultsStored', 'Completed'];
  await scene.until('the story', () => told.every((reason) => scene.story(name).includes(reason)));
  const described = await scene.kubectl('describe', 'splitx', name);
  assert.match(described, new RegExp(`Normal +Completed .*, trace ${summary?.bestTrace}$`, 'm'));
  const places = told.map((reason) => described.search(new RegExp(`Normal +${reason} .* splitlab-operator `)));
  assert.ok(!places.includes(-1), described);
  assert.deepEqual(
    places,
    [...places].sort((a, b) => a - b),
    described,
  );
}

async function assertPlugin(scene: Scene, watched: Awaited<ReturnType<Scene['split']>>): Promise<void> {
  assert.equal(watched.status, 0, watched.stderr);
  assert.match(watched.stderr, /Completed/);
  const table = await scene.split('results', name);
  assert.equal(table.status, 0, table.stderr);
  assert.match(table.stdout, /DigitsCnn, link fast: end-to-end time[\s\S]*best LatencyP50/);
  const lines = await scene.split('results', name, '--format', 'jsonl');
  assert.equal(lines.stdout.trimEnd().split('\n').length, visits);
  assert.match((await scene.split('list')).stdout, /^whole +DigitsCnn +True +Completed +8\/8 /m);
}

/** The same manifest on one machine has the same trials, and records of the same shape. */
async function assertLikeLocalRun(records: readonly VisitRecord[]): Promise<void> {
  await using folder = await temporaryFolder();
  const manifest = join(folder.path, 'whole.yaml');
  await writeFile(manifest, JSON.stringify(clusterManifest('default', name)));
  const output = join(folder.path, 'results');
  const run = await runToEnd(['run', manifest, '--output', output], { folder: folder.path });
  assert.equal(run.status, 0, run.stderr);
  const local = new Map((await recordsOf(output)).map((record) => [record.visitId, record]));
  const accepted = records.filter(({ verdict }) => verdict.result === 'Accepted');
  assert.deepEqual(accepted.map(({ visitId }) => visitId).sort(), [...local.keys()].sort());
  for (const record of accepted) {
    const other = local.get(record.visitId);
    assert.ok(other);
    assert.equal(record.trialId, other.trialId);
    assert.equal(record.planDigest, other.planDigest);
    assert.deepEqual(record.cut, other.cut);
    assertSameMembers(record, other, record.visitId);
  }
}

async function assertGone(scene: Scene, uid: string): Promise<void> {
  const stored = await scene.subjects(uid);
  assert.ok(
    stored.some((subject) => subject.includes('.samples.')),
    'samples are stored',
  );
  await scene.kubectl('get', 'secret', secretName(name));
  await scene.kubectl('delete', 'splitx', name);
  await scene.until('its pods go', () => scene.pods(name).length === 0);
  await scene.kubectl('wait', '--for=delete', `secret/${secretName(name)}`, '--timeout=30s');
  const purged = async (): Promise<true | null> => ((await scene.subjects(uid)).length === 0 ? true : null);
  await scene.eventually('what was stored goes', purged);
  const { stdout } = await scene.split('list', '--deleted');
  assert.equal(stdout, '');
}

import assert from 'node:assert/strict';
import { clusterTest } from '../scene.ts';

const endless = { warmup: 1, repetitions: 200, blocks: 60 };

export function endingCases(): void {
  clusterTest('a deadline and a time to live', async (scene) => {
    const name = 'late';
    await scene.apply(name, { measurement: endless, activeDeadlineSeconds: 20, ttlSecondsAfterFinished: 3 });
    const uid = scene.uid(name);
    const message = await scene.untilReason(name, 'Succeeded', 'DeadlineExceeded');
    assert.match(message, /ran for 20 s/);
    const { visits, conditions = [] } = scene.status(name);
    assert.ok(visits && visits.completed > 0 && visits.completed < (visits.total ?? 0), JSON.stringify(visits));
    const stored = conditions.find(({ type }) => type === 'ResultsStored');
    assert.deepEqual([stored?.status, stored?.reason], ['True', 'StoredPartly']);
    await scene.until(
      'the object goes',
      () => scene.view.experiments.get({ namespace: scene.namespace, name }) === undefined,
    );
    await scene.until('its pods go', () => scene.view.pods.byIndex('namespace', scene.namespace).length === 0);
    const listed = await scene.split('list', '--deleted');
    assert.match(listed.stdout, /^late .*/m, listed.stderr);
    const results = await scene.split('results', name, '--uid', uid, '--format', 'jsonl');
    assert.equal(results.status, 0, results.stderr);
    assert.equal(results.stdout.trimEnd().split('\n').length, (await scene.records(uid)).length);
  });
}

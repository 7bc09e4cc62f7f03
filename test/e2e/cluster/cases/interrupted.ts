import assert from 'node:assert/strict';
import type { Side } from '../../../../api/subjects.ts';
import { workerContainer } from '../../../../operator/pod/environment.ts';
import { assertComplete } from '../../../support/results.ts';
import { killContainer } from '../kill-container.ts';
import { clusterTest, type Scene } from '../scene.ts';

const blocks = 5;
const visits = 4 * blocks;
const measurement = { warmup: 1, repetitions: 30, blocks };

/** Waits until some, but not all, visits of an experiment are stored. */
const underWay = (scene: Scene, name: string, least: number) =>
  scene.eventually(`${least} visits of ${name}`, async () => {
    const records = await scene.records(scene.uid(name));
    assert.ok(records.length < visits, 'too late');
    return records.length >= least ? records : null;
  });

export function interruptionCases(): void {
  clusterTest('suspended and resumed', async (scene) => {
    const name = 'paused';
    await scene.apply(name, { measurement });
    const patch = (suspend: boolean) =>
      scene.kubectl('patch', 'splitx', name, '--type=merge', `--patch=${JSON.stringify({ spec: { suspend } })}`);
    await underWay(scene, name, 2);
    await patch(true);
    await scene.untilReason(name, 'Succeeded', 'Suspended');
    await scene.until('its pods go', () => scene.pods(name).length === 0);
    const before = await scene.records(scene.uid(name));
    assert.ok(before.length < visits);
    await patch(false);
    await scene.untilReason(name, 'Succeeded', 'Completed');
    const all = await scene.records(scene.uid(name));
    assertComplete(all, visits);
    assert.deepEqual(all.slice(0, before.length), before, 'what was measured stays as it was');
    // One that was rejected, by the link or as it was interrupted, is tried again.
    const accepted = new Set(
      before.filter(({ verdict }) => verdict.result === 'Accepted').map(({ visitId }) => visitId),
    );
    const again = all.slice(before.length).filter(({ visitId }) => accepted.has(visitId));
    assert.deepEqual(
      again.map(({ visitId }) => visitId),
      [],
      'nothing is measured twice',
    );
    assert.equal(scene.status(name).lanes?.[0]?.localPod, 'paused-0-local-1');
    await scene.until('the story', () =>
      ['Suspended', 'Resumed'].every((reason) => scene.story(name).includes(reason)),
    );
  });

  clusterTest('a killed worker is replaced', async (scene) => {
    const name = 'killed';
    await scene.apply(name, { measurement });
    await underWay(scene, name, 2);
    await kill(scene, name, 'remote', 0);
    await scene.until('its replacement', () => scene.status(name).lanes?.[0]?.remotePod === 'killed-0-remote-1');
    const { length } = await scene.records(scene.uid(name));
    await underWay(scene, name, length + 1);
    await kill(scene, name, 'local', 0);
    await scene.until('its replacement', () => scene.status(name).lanes?.[0]?.localPod === 'killed-0-local-2');
    await scene.untilReason(name, 'Succeeded', 'Completed');
    assertComplete(await scene.records(scene.uid(name)), visits);
    await scene.until('the story', () => scene.story(name).includes('WorkerReplaced'));
  });
}

/** Ends a worker's process as `kill -9` does. */
async function kill(scene: Scene, name: string, side: Side, podAttempt: number): Promise<void> {
  const pod = scene.pods(name).find(({ metadata }) => metadata.name === `${name}-0-${side}-${podAttempt}`);
  assert.ok(pod, `${name} ${side} is there`);
  await killContainer(scene.cluster, pod, workerContainer);
}

import assert from 'node:assert/strict';
import { clusterTest } from '../scene.ts';

clusterTest('a layer that does not exist', async (scene) => {
  await scene.apply('typo', { cuts: { selection: 'Named', layers: ['conv9'] } });
  const message = await scene.untilReason('typo', 'Succeeded', 'ModelInvalid');
  assert.match(message, /^spec\.cuts\.layers: The model has no layer "conv9"\. The nearest names are: conv1, conv2/);
  assert.equal(scene.status('typo').lanes?.[0]?.podAttempt, 0, 'no worker was replaced');
  await scene.until('its pods go', () => scene.pods('typo').length === 0);
});

clusterTest('a quota without room', async (scene) => {
  await scene.kubectl('create', 'quota', 'none', '--hard=pods=1');
  await scene.eventually('the quota', async () =>
    (await scene.kubectl('get', 'quota', 'none', '--output=jsonpath={.status.hard.pods}')) === '1' ? true : null,
  );
  await scene.apply('crowded');
  const message = await scene.untilReason('crowded', 'WorkersReady', 'QuotaExceeded');
  assert.match(message, /exceeded quota: none, requested: pods=1, used: pods=1, limited: pods=1/);
  await scene.kubectl('delete', 'quota', 'none');
  await scene.untilReason('crowded', 'Succeeded', 'Completed');
});

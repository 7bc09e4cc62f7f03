import assert from 'node:assert/strict';
import { assertComplete } from '../../../support/results.ts';
import { fitting } from '../manifest.ts';
import { clusterTest } from '../scene.ts';

const gpu = 'nvidia.com/gpu';

export function schedulingCases(): void {
  clusterTest('a remote side with CUDA waits for a GPU', async (scene) => {
    const { requests, limits } = fitting.remote.resources;
    await scene.apply('gpu', {
      remote: { executionProvider: 'CUDA', resources: { requests, limits: { ...limits, [gpu]: 1 } } },
    });
    const waiting = await scene.untilReason('gpu', 'WorkersReady', 'Unschedulable');
    assert.match(waiting, /gpu-0-remote-0.*2 Insufficient nvidia\.com\/gpu/);
    const [, second] = scene.cluster.nodes;
    assert.ok(second);
    await second.setResource(gpu, 1);
    try {
      const placed = await scene.until('the pod is placed', () =>
        scene.pods('gpu').find(({ metadata, spec }) => metadata.name === 'gpu-0-remote-0' && spec?.nodeName),
      );
      assert.equal(placed.spec?.nodeName, second.name);
      // The node has no driver, and the image here is the one without CUDA.
      const message = await scene.untilReason('gpu', 'Succeeded', 'ProviderUnavailable');
      assert.match(message, /^spec\.remote: executionProvider "CUDA" is not available/);
      assert.equal(scene.status('gpu').lanes?.[0]?.podAttempt, 0, 'nothing was tried again');
    } finally {
      await second.setResource(gpu, 0);
    }
  });

  clusterTest('lanes with node selectors', async (scene) => {
    const on = (node: string) => ({ nodeSelector: { 'kubernetes.io/hostname': node } });
    const { local, remote } = fitting;
    await scene.apply('lanes', {
      lanes: 2,
      local: { ...local, template: { spec: { ...local.template.spec, ...on('node-2') } } },
      remote: { ...remote, template: { spec: on('node-1') } },
    });
    const placed = await scene.until('four pods are placed', () => {
      const pods = scene.pods('lanes').filter(({ spec }) => spec?.nodeName);
      return pods.length === 4 && pods.map(({ metadata, spec }) => `${metadata.name} ${spec?.nodeName}`).sort();
    });
    assert.deepEqual(placed, [
      'lanes-0-local-0 node-2',
      'lanes-0-remote-0 node-1',
      'lanes-1-local-0 node-2',
      'lanes-1-remote-0 node-1',
    ]);
    await scene.untilReason('lanes', 'Succeeded', 'Completed');
    const records = await scene.records(scene.uid('lanes'));
    assertComplete(records, 8);
    assert.deepEqual(new Set(records.map(({ lane }) => lane)), new Set([0, 1]));
    for (const { lane, local, remote } of records) {
      assert.deepEqual([local.node, local.pod], ['node-2', `lanes-${lane}-local-0`]);
      if (remote) assert.deepEqual([remote.node, remote.pod], ['node-1', `lanes-${lane}-remote-0`]);
    }
  });
}

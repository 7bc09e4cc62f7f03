import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { fitting } from '../manifest.ts';
import { clusterTest } from '../scene.ts';

const file = join(import.meta.dirname, '../../../../examples/quickstart.yaml');
const manifestSchema = z.object({ spec: z.looseObject({ measurement: z.looseObject({}) }) });
/** Its three blocks take a minute. */
const blocks = process.env.SPLITLAB_TEST_FULL === undefined ? 1 : 3;
const trials = 31;

export function quickstartCase(): void {
  clusterTest('the quickstart', async (scene) => {
    const { spec } = manifestSchema.parse(parse(await readFile(file, 'utf8')));
    const appliedAt = Date.now();
    await scene.apply('quickstart', {
      ...spec,
      ...fitting,
      measurement: { ...spec.measurement, blocks },
      tolerance: { bandwidthPercent: '100', delay: '10s' },
    });
    await scene.untilReason('quickstart', 'Succeeded', 'Running');
    const seen = new Set<string>();
    await scene.until('its end', () => {
      const { summary, conditions = [] } = scene.status('quickstart');
      if (summary?.progress) seen.add(summary.progress);
      return conditions.some(({ type, status }) => type === 'Succeeded' && status !== 'Unknown');
    });
    await scene.untilReason('quickstart', 'Succeeded', 'Completed');
    scene.context.diagnostic(`apply to the end of ${trials * blocks} visits ${Date.now() - appliedAt} ms`);
    assert.ok(seen.has(`${trials * blocks}/${trials * blocks}`));
    assert.ok(seen.size >= 3, `progress was shown: ${[...seen].join(' ')}`);
    const { summary, best = [] } = scene.status('quickstart');
    assert.equal(summary?.model, 'EfficientNetLite0');
    assert.deepEqual(new Set(best.map(({ link }) => link)), new Set(['wifi', '5g']));
    const records = await scene.records(scene.uid('quickstart'));
    const right = records.map(({ output }) => output?.accuracy);
    assert.deepEqual(new Set(right), new Set([1]), 'every photograph is recognised at every cut');
  });
}

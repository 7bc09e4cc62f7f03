import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseManifest } from '../../api/manifest/parse.ts';
import { recordFixture } from '../../api/record/testing/fixture.ts';
import { experimentPath } from '../../api/results/paths.ts';
import { resultsSummarySchema } from '../../api/results/summary.ts';
import { openRunFolder } from '../../cli/run/folder.ts';
import { printResults } from '../../cli/run/report.ts';
import { collectResults } from '../../cli/run/results.ts';
import { startTestApi } from '../../operator/web/testing/api.ts';
import { experimentObject, HandmadeCache } from '../../operator/web/testing/cache.ts';
import { namesOf, openStored, recordsOf, storeVisit } from '../../operator/web/testing/lab.ts';
import { temporaryFolder } from '../support/command.ts';
import { testNatsServer } from '../support/nats.ts';

test('the results API gives the same bytes and the same table as a local run', { timeout: 60_000 }, async () => {
  await using folder = await temporaryFolder();
  await using nats = await testNatsServer();
  await using stored = await openStored(nats.connection);
  const names = namesOf('u1');
  const verdict = { result: 'Rejected', reason: 'LinkOutOfTolerance', message: 'uplink, "slow"' } as const;
  const records = recordsOf(4, 3).flatMap((record, index) =>
    index % 5 === 0
      ? [
          { ...record, verdict },
          { ...record, attempt: 1 },
        ]
      : [record],
  );
  const times = [10, 11.5, 12.25];
  for (const [index, record] of records.entries()) {
    await storeVisit(
      stored.store,
      names,
      record,
      times.map((ms) => ms + index),
    );
  }
  const lost = recordFixture({ trialId: 'f'.repeat(16), verdict });
  await stored.store.create(names.record(lost.visitId, 0), lost);

  const parsed = parseManifest(
    'apiVersion: splitlab.dev/v1alpha1\nkind: SplitExperiment\nmetadata: {name: mine}\nspec: {model: {zoo: DigitsCnn}}\n',
    'test',
  );
  assert.ok(parsed.ok);
  const visitIds = [...new Set([...records, lost].map(({ visitId }) => visitId))];
  const trial = { trialId: '', cut: lost.cut, codec: null, link: null, batchSize: 1, transfer: 'Sequential' } as const;
  const visits = visitIds.map((visitId) => ({ visitId, trial, block: 0, lane: 0 }));
  await stored.store.create(names.plan, { digest: 'd', total: visits.length, warnings: [] });
  const request = { name: 'mine', manifestDigest: 'd', toolVersion: '0', resume: false, now: () => new Date(0) };
  await using run = await openRunFolder({ ...request, path: join(folder.path, 'run') });
  const plan = { digest: 'd', trials: [trial], visits, warnings: [] };
  const local = await collectResults(stored.store, names, plan, parsed.manifest.spec, run);

  const cache = new HandmadeCache();
  cache.put(experimentObject({ name: 'mine', uid: 'u1' }));
  await using api = await startTestApi(stored, cache);
  const get = async (part: Parameters<typeof experimentPath>[2]) =>
    (await api.get(experimentPath('default', 'mine', part))).text();
  assert.equal(await get('results.jsonl'), await readFile(local.files.results, 'utf8'));
  assert.equal(await get('samples.csv'), await readFile(local.files.samples, 'utf8'));
  assert.equal(await get('summary.csv'), await readFile(local.files.summary, 'utf8'));

  const table = (report: Parameters<typeof printResults>[0]) => {
    let text = '';
    printResults(report, { write: (part) => (text += part) });
    return text;
  };
  const { files: _, ...withoutFiles } = local;
  const remote = resultsSummarySchema.parse(JSON.parse(await get('summary')));
  assert.equal(table(remote), table(withoutFiles));
});

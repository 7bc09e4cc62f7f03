import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect } from 'nats';
import { parseManifest } from '../../api/manifest/parse.ts';
import { recordFixture, sampleFixture } from '../../api/record/testing/fixture.ts';
import { subjects } from '../../api/subjects.ts';
import { openStore } from '../../store/store.ts';
import { testNatsServer } from '../../test/support/nats.ts';
import { openRunFolder } from './folder.ts';
import { collectResults } from './results.ts';

const names = subjects({ cluster: 'c', namespace: 'n', uid: 'u' });
const verdict = { result: 'Rejected', reason: 'LinkInterrupted', message: '' } as const;

test('files hold the records in plan order and the samples of records alone', { timeout: 60_000 }, async (context) => {
  await using server = await testNatsServer();
  const connection = await connect(server.connection);
  context.after(() => connection.close());
  const path = await mkdtemp(join(tmpdir(), 'splitlab-results-'));
  context.after(() => rm(path, { recursive: true }));
  const request = { name: 'x', manifestDigest: 'd', toolVersion: '0', resume: false, now: () => new Date(0) };
  await using folder = await openRunFolder({ ...request, path: join(path, 'run') });
  const store = openStore(connection);
  await store.ensureStreams();

  const first = recordFixture({ trialId: 'b'.repeat(16) });
  const tried = recordFixture({ trialId: 'a'.repeat(16), verdict });
  const again = recordFixture({ trialId: 'a'.repeat(16), attempt: 1 });
  const lost = recordFixture({ trialId: 'c'.repeat(16), verdict });
  for (const record of [lost, again, tried, first]) {
    await store.create(names.record(record.visitId, record.attempt), record);
  }
  const send = (visitId: string, attempt: number, part: number, repetition: number) => {
    const samples = [sampleFixture(repetition, 10 + repetition)];
    return store.append(names.samples(visitId, attempt, part), { visitId, attempt, part, samples });
  };
  // The second part comes before the first, and again; the last attempt left no record.
  for (const part of [1, 0, 1]) await send(first.visitId, 0, part, part);
  await send(again.visitId, 1, 0, 0);
  await send(again.visitId, 2, 0, 0);

  const parsed = parseManifest(
    'apiVersion: splitlab.dev/v1alpha1\nkind: SplitExperiment\nmetadata: {name: x}\nspec: {model: {zoo: DigitsCnn}}\n',
    'test',
  );
  assert.ok(parsed.ok);
  const trial = { trialId: '', cut: first.cut, codec: null, link: null, batchSize: 1, transfer: 'Sequential' } as const;
  const visits = [first, again, lost].map(({ visitId }) => ({ visitId, trial, block: 0, lane: 0 }));
  const plan = { digest: 'd', trials: [trial], visits, warnings: [] };
  const results = await collectResults(store, names, plan, parsed.manifest.spec, folder);

  assert.deepEqual(results.visits, { planned: 3, accepted: 2 });
  assert.deepEqual(
    results.incomplete.map(({ visitId }) => visitId),
    [lost.visitId],
  );
  const lines = async (file: string) => (await readFile(file, 'utf8')).trimEnd().split('\n');
  const records = (await lines(results.files.results)).map((line) => JSON.parse(line));
  assert.deepEqual(records, [first, tried, again, lost]);
  const samples = (await lines(results.files.samples)).map((line) => line.split(',').slice(0, 3));
  assert.deepEqual(samples, [
    ['visitId', 'attempt', 'repetition'],
    [first.visitId, '0', '0'],
    [first.visitId, '0', '1'],
    [again.visitId, '1', '0'],
  ]);
  assert.equal((await lines(results.files.summary)).length, 1 + 3);
  assert.ok((await readdir(folder.path)).every((name) => !name.endsWith('.new')));
});

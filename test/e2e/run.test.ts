import assert from 'node:assert/strict';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { VisitRecord } from '../../api/record/record.ts';
import { workerConfigSchema } from '../../api/worker-config.ts';
import { leftNothing, runToEnd, startCommand, temporaryFolder } from '../support/command.ts';
import { fastLink, fluidLink, manifestText } from '../support/manifest.ts';
import { assertComplete, csvOf, recordsOf, sampleHeader, summaryHeader } from '../support/results.ts';

const cuts = { selection: 'Named', layers: ['conv1', 'conv3'] };
const codecs = [{ type: 'Float32' }, { type: 'Affine', compression: 'Zstd' }];

test('a run leaves records, samples and a summary, and prints a table', async () => {
  await using folder = await temporaryFolder();
  const output = join(folder.path, 'out');
  const options = { folder: folder.path, stdin: manifestText() };
  const { status, stdout, stderr } = await runToEnd(['run', '-', '--output', output], options);
  assert.equal(status, 0, stderr);
  assert.match(stdout, /DigitsCnn, link fast: end-to-end time/);
  for (const name of ['LocalOnly', 'RemoteTensor', 'conv1', 'conv3', 'best LatencyP50: '])
    assert.ok(stdout.includes(name));
  assert.match(stdout, /8 of 8 visits accepted/);
  assert.match(stderr, /8\/8 visits/);
  await leftNothing(output);

  const records = await recordsOf(output);
  assertComplete(records, 8);
  for (const record of records) assertFigures(record);
  await assertSamples(output, records);
  await assertSummary(output, records);
  await assertSecrets(output);

  // The same command again keeps what there is.
  const again = await runToEnd(['run', '-', '--output', output, '--json'], options);
  assert.equal(again.status, 0, again.stderr);
  assert.match(again.stderr, /the results of the last run are now in .*out\.1/);
  assert.equal(again.stdout.trimEnd().split('\n').length, 1);
  const json = JSON.parse(again.stdout);
  assert.deepEqual(json.visits, { planned: 8, accepted: 8 });
  assert.deepEqual(json.files, {
    results: join(output, 'results.jsonl'),
    samples: join(output, 'samples.csv'),
    summary: join(output, 'summary.csv'),
  });
  assert.deepEqual(Object.keys(json.summary[0]), summaryHeader.split(','));
  const old = await recordsOf(`${output}.1`);
  assert.deepEqual(old, records);
  assert.deepEqual(visitsOf(await recordsOf(output)), visitsOf(old));
});

test('two runs at once in two folders, their lists in another order: the same trials', async () => {
  await using folder = await temporaryFolder();
  const slow = fluidLink('slow', '50M', '2ms');
  const measurement = { warmup: 0, repetitions: 1, blocks: 1 };
  const one = manifestText({ cuts, codecs, measurement, links: [fastLink, slow], output: { at: 'Remote', topK: 2 } });
  const other = manifestText({
    baselines: ['RemoteTensor', 'LocalOnly'],
    cuts: { ...cuts, layers: cuts.layers.toReversed() },
    codecs: codecs.toReversed(),
    links: [slow, { ...fastLink, name: 'renamed' }],
    measurement: { ...measurement, seed: 9 },
    output: { at: 'Remote', topK: 2 },
  });
  const outputs = [join(folder.path, 'one'), join(folder.path, 'other')] as const;
  const runs = [one, other].map((stdin, index) =>
    startCommand(['run', '-', '--output', outputs[index] ?? '', '--json'], { folder: folder.path, stdin }),
  );
  for (const { finished } of runs) {
    const { status, stderr } = await finished;
    assert.equal(status, 0, stderr);
  }
  const [first, second] = await Promise.all(outputs.map(recordsOf));
  assert.ok(first && second);
  assert.equal(first.length, 1 + 2 * 3 * 2);
  assert.deepEqual(visitsOf(first), visitsOf(second));
  for (const record of first.filter(({ link }) => link)) {
    // Only labels come back.
    assert.ok(record.bytes.reply && record.bytes.reply.max < 2_000, JSON.stringify(record.bytes.reply));
    assert.equal(record.output?.top?.length, 2);
  }
  await Promise.all(outputs.map((output) => leftNothing(output)));
});

function visitsOf(records: readonly VisitRecord[]): string[] {
  return records.map(({ visitId }) => visitId).sort();
}

function assertFigures(record: VisitRecord): void {
  const { latencyMilliseconds: latency, cut, link, bytes, clock, remote, local, output, traces, coldStart } = record;
  assert.ok(latency?.total && latency.total.count === 3 && latency.total.mean > 0);
  assert.ok(latency.total.p50 >= latency.total.min && latency.total.p50 <= latency.total.max);
  assert.ok(coldStart && coldStart.loadMilliseconds > 0 && (coldStart.firstRunMilliseconds ?? 0) > 0);
  assert.ok(record.throughputPerSecond && record.throughputPerSecond > 0);
  assert.equal(record.stoppedBy, 'Repetitions');
  assert.equal(record.sharedHost, true);
  assert.equal(record.model.weights, 'Trained');
  assert.deepEqual([output?.evaluated, output?.agreement], [1, 1]);
  assert.match(traces?.median ?? '', /^[0-9a-f]{32}$/);
  assert.ok((local.memoryPeakBytes ?? 0) > 1e6 && local.cpuSeconds !== null);
  if (cut.kind === 'LocalOnly') {
    assert.deepEqual([record.codec, link, remote, clock], [null, null, null, null]);
    assert.deepEqual([latency.uplink, latency.tail, bytes.encoded, bytes.reply], [null, null, null, null]);
    assert.ok(latency.head);
    return;
  }
  assert.ok(remote && (remote.memoryPeakBytes ?? 0) > 1e6);
  assert.ok(clock && clock.uncertaintyMicroseconds > 0);
  assert.ok(latency.uplink && latency.tail && latency.downlink && latency.ideal && latency.overhead);
  assert.equal(latency.head === null, cut.kind !== 'Cut');
  assert.ok(bytes.encoded && bytes.reply && bytes.application.up && bytes.link.up);
  assert.ok(bytes.link.up.mean > bytes.application.up.mean && bytes.application.up.mean > bytes.encoded.mean);
  const { before, after } = link?.achieved ?? {};
  for (const probe of [before, after]) assert.ok(probe && probe.uplinkBitsPerSecond > 1e7 && probe.rttMilliseconds > 1);
}

async function assertSamples(output: string, records: readonly VisitRecord[]): Promise<void> {
  const { columns, rows } = await csvOf(join(output, 'samples.csv'));
  assert.equal(columns, sampleHeader);
  const accepted = records.filter(({ verdict }) => verdict.result === 'Accepted');
  assert.equal(rows.length, 3 * records.length);
  for (const { visitId, attempt } of accepted) {
    const own = rows.filter((row) => row.visitId === visitId && row.attempt === `${attempt}`);
    assert.deepEqual(
      own.map(({ repetition }) => repetition),
      ['0', '1', '2'],
    );
  }
  const segments = sampleHeader.split(',').slice(5, -7);
  for (const row of rows) {
    const sum = segments.reduce((total, name) => total + Number(row[name] ?? 0), 0);
    assert.ok(Math.abs(sum - Number(row.totalMs)) < 1e-6, `${sum} of ${row.totalMs} ms`);
  }
}

async function assertSummary(output: string, records: readonly VisitRecord[]): Promise<void> {
  const { columns, rows } = await csvOf(join(output, 'summary.csv'));
  assert.equal(columns, summaryHeader);
  assert.deepEqual(
    rows.map(({ trialId }) => trialId).sort(),
    [...new Set(records.map(({ trialId }) => trialId))].sort(),
  );
  for (const row of rows) assert.equal(row.samples, '6');
  assert.ok(rows.some(({ best }) => best?.includes('LatencyP50')));
}

/** Passwords stand in files that only their owner reads, and in no log. */
async function assertSecrets(output: string): Promise<void> {
  const text = await readFile(join(output, 'processes', 'local.json'), 'utf8');
  const { nats } = workerConfigSchema.parse(JSON.parse(text));
  assert.ok('password' in nats);
  const { password } = nats;
  for (const entry of await readdir(output, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    if (!(await readFile(file, 'latin1')).includes(password)) continue;
    assert.match(entry.name, /\.(json|conf)$/, file);
    assert.equal((await stat(file)).mode & 0o077, 0, file);
  }
}

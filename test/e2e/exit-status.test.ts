import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { leftNothing, runToEnd, startCommand, temporaryFolder } from '../support/command.ts';
import { firstRecords } from '../support/follow.ts';
import { fluidLink, manifestText } from '../support/manifest.ts';
import { recordsOf } from '../support/results.ts';

const cases: readonly {
  readonly what: string;
  readonly changes: Record<string, unknown>;
  readonly says: readonly RegExp[];
}[] = [
  {
    what: 'a manifest with mistakes, all of them listed',
    changes: { codecs: [{ type: 'Float31' }], measurement: { blocks: 0, repetition: 3 } },
    says: [/spec\.codecs\[0\]\.type/, /spec\.measurement\.blocks/, /repetition\b/],
  },
  {
    what: 'what is not built yet',
    changes: { links: [{ name: 'wifi', type: 'Preset', preset: 'WiFi' }], measurement: { mode: 'Offline' } },
    says: [/spec\.links\[0\]\.type/, /spec\.measurement\.mode/],
  },
  {
    what: 'a layer that the model does not have, with the nearest names',
    changes: { cuts: { selection: 'Named', layers: ['conf1'] } },
    says: [/conf1/, /conv1/],
  },
  {
    what: 'an execution provider that this machine lacks, with those it has',
    changes: { remote: { executionProvider: 'CUDA' } },
    says: [/spec\.remote/, /CUDA/, /CPU|cpu/],
  },
  { what: 'a model file that is not there', changes: { model: { file: 'none.onnx' } }, says: [/none\.onnx/] },
  { what: 'a model file that is none', changes: { model: { file: 'bad.onnx' } }, says: [/bad\.onnx/] },
  { what: 'an input file that is not there', changes: { input: { file: 'none.npy' } }, says: [/none\.npy/] },
  {
    what: 'a claim that is not bound',
    changes: { model: { persistentVolumeClaim: { claimName: 'data', path: 'm' } } },
    says: [/--bind pvc\/NAME=DIR/],
  },
];

for (const { what, changes, says } of cases) {
  test(`exit status 2: ${what}`, async () => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, 'bad.onnx'), 'this is no model');
    const output = join(folder.path, 'out');
    const options = { folder: folder.path, stdin: manifestText(changes) };
    const { status, stderr, stdout } = await runToEnd(['run', '-', '--output', output], options);
    assert.equal(status, 2, stderr);
    for (const said of says) assert.match(stderr, said);
    assert.doesNotMatch(stderr, /^\s+at .*\.ts:/m);
    assert.equal(stdout, '');
    await assert.rejects(recordsOf(output), /ENOENT/);
    await leftNothing(output);
  });
}

test('exit status 2: arguments that mean nothing, and a folder of something else', async () => {
  await using folder = await temporaryFolder();
  await mkdir(join(folder.path, 'mine'));
  await writeFile(join(folder.path, 'mine', 'thesis.txt'), 'do not touch');
  const stdin = manifestText();
  const tries: readonly [readonly string[], RegExp][] = [
    [['run'], /missing required argument/],
    [['run', '-', '--fast'], /unknown option '--fast'/],
    [['run', 'none.yaml'], /none\.yaml/],
    [['run', '-', '--set', 'spec.nothing=1'], /spec\.nothing/],
    [['run', '-', '--bind', 'pvc/data=none'], /--bind pvc\/data=none/],
    [['run', '-', '--output', 'mine'], /holds files that are no run of this tool \(thesis\.txt\)/],
    [['cuts', 'DigitsCnn', '--max-tensors', 'two'], /--max-tensors.*whole number/],
    [['cuts', 'none.onnx'], /none\.onnx/],
  ];
  for (const [args, says] of tries) {
    const { status, stderr } = await runToEnd(args, { folder: folder.path, stdin });
    assert.equal(status, 2, `${args.join(' ')}: ${stderr}`);
    assert.match(stderr, says);
  }
});

test('exit status 1 when visits stay rejected, and which; while it runs its folder is taken', async () => {
  await using folder = await temporaryFolder();
  const output = join(folder.path, 'out');
  const stdin = manifestText({
    cuts: { selection: 'Named', layers: ['conv1'] },
    baselines: ['LocalOnly'],
    links: [fluidLink('exact', '20M', '1ms')],
    measurement: { warmup: 0, repetitions: 1, blocks: 1 },
    tolerance: { bandwidthPercent: '0', delay: '0ms' },
    backoffLimit: 1,
  });
  const options = { folder: folder.path, stdin };
  const { child, finished } = startCommand(['run', '-', '--output', output], options);
  await firstRecords(output, 1);
  // Held, so that it cannot be done before the other one looks.
  child.kill('SIGSTOP');
  const second = await runToEnd(['run', '-', '--output', output, '--resume'], options);
  child.kill('SIGCONT');
  assert.equal(second.status, 2);
  assert.match(second.stderr, /process \d+ is running in this folder/);

  const { status, stdout } = await finished;
  assert.equal(status, 1, stdout);
  assert.match(stdout, /visit [0-9a-f]{16}-0 \(conv1[^)]*, exact\): Rejected, LinkOutOfTolerance: /);
  assert.match(stdout, /1 of 2 visits accepted/);
  const verdicts = (await recordsOf(output))
    .filter(({ cut }) => cut.kind === 'Cut')
    .map(({ attempt, verdict }) => [attempt, verdict.reason]);
  assert.deepEqual(verdicts, [
    [0, 'LinkOutOfTolerance'],
    [1, 'LinkOutOfTolerance'],
  ]);
  await leftNothing(output);

  const other = await runToEnd(['run', '-', '--output', output], { ...options, stdin: manifestText() });
  assert.equal(other.status, 2);
  assert.match(other.stderr, /holds a run of another manifest/);
});

test('the cuts of a model of the zoo', async () => {
  await using folder = await temporaryFolder();
  const args = ['cuts', 'DigitsCnn', '--json', '--max-tensors', '1', '--batch-size', '2'];
  const { status, stdout, stderr } = await runToEnd(args, { folder: folder.path });
  assert.equal(status, 0, stderr);
  const { model, exhaustive, cuts } = JSON.parse(stdout);
  assert.deepEqual([model, exhaustive], ['DigitsCnn', true]);
  assert.ok(cuts.length > 5);
  for (const cut of cuts) assert.equal(cut.tensors[0].shape[0], 2);
});

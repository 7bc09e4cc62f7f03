import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, test } from 'node:test';
import { type ValidateOptions, validateCommand } from './validate.ts';

const folder = await mkdtemp(join(tmpdir(), 'splitlab-validate-'));
after(() => rm(folder, { recursive: true }));

const head = 'apiVersion: splitlab.dev/v1alpha1\nkind: SplitExperiment\nmetadata: {name: demo}\n';
const fine = `${head}spec: {model: {zoo: VGG16}}\n`;

async function validate(content: string | null, options: ValidateOptions = {}, stdin = '') {
  const file = content === null ? '-' : join(folder, 'demo.yaml');
  if (content !== null) await writeFile(file, content);
  const [out, err]: [string[], string[]] = [[], []];
  const io = {
    stdin: Readable.from([stdin]),
    stdout: { write: (text: string) => out.push(text) },
    stderr: { write: (text: string) => err.push(text) },
  };
  const status = await validateCommand(file, options, io);
  return { status, out: out.join('').replaceAll(`${folder}/`, ''), err: err.join('').replaceAll(`${folder}/`, '') };
}

test('a manifest that is fine', async () => {
  assert.deepEqual(await validate(fine), { status: 0, out: 'demo.yaml: ok\n', err: '' });
});

test('the examples are fine', async () => {
  const examples = join(import.meta.dirname, '../examples');
  for (const name of await readdir(examples)) {
    const { status, out } = await validate(await readFile(join(examples, name), 'utf8'));
    assert.deepEqual([name, status, out], [name, 0, 'demo.yaml: ok\n']);
  }
});

test('standard input', async () => {
  assert.deepEqual(await validate(null, {}, fine), { status: 0, out: 'standard input: ok\n', err: '' });
});

test('every mistake is a line with file, line and column; the status is 2', async () => {
  const { status, out, err } = await validate(`${head}spec:\n  model: {zoo: VGG17}\n  lane: 1\n`);
  assert.equal(status, 2);
  assert.equal(out, '');
  assert.match(
    err,
    /^demo\.yaml:5:16: spec\.model\.zoo: "VGG17" .*VGG16.*\ndemo\.yaml:6:3: spec\.lane: 1 is not a field of spec; did you mean lanes\?\n$/,
  );
});

test('what a local run cannot do is a mistake, with the place it stands at', async () => {
  const { status, err } = await validate(`${head}spec:\n  model: {zoo: VGG16}\n  lanes: 2\n`);
  assert.equal(status, 2);
  assert.equal(
    err,
    'demo.yaml:6:10: spec.lanes: 2 is more than a local run has: lanes on one machine disturb each other; write lanes: 1\n',
  );
});

test('what is not built yet is told beside mistakes of other kinds', async () => {
  const side = '{bandwidth: 1M, delay: 1ms}';
  const links = `[{name: a, type: Profile, profile: {uplink: ${side}, downlink: ${side}}}]`;
  const { status, err } = await validate(`${head}spec:\n  model: {zoo: VGG17}\n  lanes: 2\n  links: ${links}\n`);
  assert.equal(status, 2);
  assert.match(err, /spec\.model\.zoo: "VGG17"/);
  assert.match(err, /spec\.lanes: 2 is more than a local run has/);
  assert.match(err, /spec\.links\[0\]\.profile: has no transport, and the default Tcp is not built yet/);
});

test('what has no effect is a warning, and the status 0', async () => {
  const { status, out, err } = await validate(`${head}spec:\n  model: {zoo: VGG16}\n  ttlSecondsAfterFinished: 5\n`);
  assert.equal(status, 0);
  assert.equal(out, 'demo.yaml: ok\n');
  assert.match(err, /^warning: demo\.yaml:6:28: spec\.ttlSecondsAfterFinished: 5 has no meaning outside a cluster; /);
});

test('--set and --bind count', async () => {
  assert.equal(
    (await validate(fine, { set: ['spec.lanes=2'] })).err.startsWith('--set spec.lanes=2: spec.lanes: 2 '),
    true,
  );
  const claim = `${head}spec: {model: {persistentVolumeClaim: {claimName: c, path: m.onnx}}}`;
  assert.equal((await validate(claim)).status, 2);
  assert.equal((await validate(claim, { bind: [`pvc/c=${folder}`] })).status, 0);
});

test('--json prints one object', async () => {
  const { status, out, err } = await validate(`${head}spec: {model: {zoo: VGG16}, lane: 1}`, { json: true });
  assert.equal(status, 2);
  assert.equal(err, '');
  assert.deepEqual(JSON.parse(out), {
    ok: false,
    problems: [
      {
        path: 'spec.lane',
        value: 1,
        message: 'is not a field of spec',
        remedy: 'did you mean lanes?',
        source: 'demo.yaml',
        line: 4,
        column: 29,
      },
    ],
    warnings: [],
  });
  assert.deepEqual(JSON.parse((await validate(fine, { json: true })).out), { ok: true, problems: [], warnings: [] });
});

test('a file that cannot be read is a mistake of the arguments', async () => {
  const err: string[] = [];
  const io = {
    stdin: Readable.from([]),
    stdout: { write: () => true },
    stderr: { write: (text: string) => err.push(text) },
  };
  assert.equal(await validateCommand(join(folder, 'nowhere.yaml'), {}, io), 2);
  assert.match(err.join(''), /nowhere\.yaml: cannot be read: ENOENT.*name a file that holds a manifest/);
});

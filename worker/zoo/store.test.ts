import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileDigest, isVerified } from '../verified.ts';
import { ZooCacheError, ZooDigestError } from './errors.ts';
import { writeWhole } from './store.ts';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'splitlab-store-'));
});
after(() => rm(folder, { recursive: true }));

const chunks = [Buffer.from('one '), Buffer.from('two')];
const digest = createHash('sha256').update('one two').digest('hex');

test('a file appears whole, verified, with nothing beside it but the note of that', async () => {
  const path = join(folder, 'whole', 'model.onnx');
  await writeWhole(path, chunks, digest);
  assert.equal(await readFile(path, 'utf8'), 'one two');
  assert.equal(await fileDigest(path), digest);
  assert.equal(await isVerified(path, digest), true);
  assert.deepEqual((await readdir(join(folder, 'whole'))).sort(), ['model.onnx', 'model.onnx.verified']);
});

test('bytes of another digest are never seen', async () => {
  const path = join(folder, 'other', 'model.onnx');
  await assert.rejects(writeWhole(path, [Buffer.from('three')], digest), ZooDigestError);
  assert.deepEqual(await readdir(join(folder, 'other')), []);
});

test('a writer that fails half-way leaves nothing', async () => {
  const path = join(folder, 'half', 'model.onnx');
  function* failing() {
    yield Buffer.from('one ');
    throw new Error('no more');
  }
  await assert.rejects(writeWhole(path, failing(), digest), /no more/);
  assert.deepEqual(await readdir(join(folder, 'half')), []);
});

test('a writer that is killed leaves nothing that looks like a model', async () => {
  const path = join(folder, 'killed', 'model.onnx');
  const script = `
    import { writeWhole } from ${JSON.stringify(import.meta.resolve('./store.ts'))};
    function* endless() {
      for (let count = 0; ; count++) {
        yield Buffer.alloc(1024);
        if (count === 10) process.stdout.write('writing');
      }
    }
    await writeWhole(${JSON.stringify(path)}, endless(), '');`;
  const writer = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = once(writer, 'close');
  await once(writer.stdout, 'data', { signal: AbortSignal.timeout(60_000) });
  writer.kill('SIGKILL');
  await closed;
  const left = await readdir(join(folder, 'killed'));
  assert.ok(left.length === 1 && left[0]?.endsWith('.partial'), left.join(' '));
  assert.equal(await isVerified(path, digest), false);
  await writeWhole(path, chunks, digest);
  assert.equal(await isVerified(path, digest), true);
});

test('writers at the same time all succeed', async () => {
  const path = join(folder, 'many', 'model.onnx');
  await Promise.all(Array.from({ length: 8 }, () => writeWhole(path, chunks, digest)));
  assert.equal(await fileDigest(path), digest);
  assert.equal((await readdir(join(folder, 'many'))).length, 2);
});

test('a file that changed is hashed again', async () => {
  const path = join(folder, 'changed', 'model.onnx');
  await writeWhole(path, chunks, digest);
  await appendFile(path, '!');
  assert.equal(await isVerified(path, digest), false);
  await writeFile(path, 'one two');
  assert.equal(await isVerified(path, digest), true);
  assert.equal(await isVerified(path, '0'.repeat(64)), false);
  assert.equal(await isVerified(join(folder, 'absent'), digest), false);
});

test('what a killed writer left is removed, what a running one writes is not', async () => {
  const killed = join(folder, 'stale', '.model.onnx.a.partial');
  await mkdir(join(folder, 'stale'));
  await writeFile(killed, 'on');
  await utimes(killed, new Date(0), new Date(0));
  await writeFile(join(folder, 'stale', '.model.onnx.b.partial'), 'on');
  await writeWhole(join(folder, 'stale', 'model.onnx'), chunks, digest);
  const left = await readdir(join(folder, 'stale'));
  assert.deepEqual(left.sort(), ['.model.onnx.b.partial', 'model.onnx', 'model.onnx.verified']);
});

test('a folder that cannot be written is named with the remedy', async () => {
  await writeFile(join(folder, 'file'), '');
  const writing = writeWhole(join(folder, 'file', 'model.onnx'), chunks, digest);
  await assert.rejects(writing, (error: unknown) => {
    assert.ok(error instanceof ZooCacheError);
    assert.match(error.message, /SPLITLAB_CACHE/);
    return true;
  });
});

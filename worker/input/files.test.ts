import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { InputFileError } from './errors.ts';
import { isImageFile, pathInside, readBounded } from './files.ts';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'splitlab-files-'));
  await writeFile(join(folder, 'four'), 'four');
  await writeFile(join(folder, '..four'), 'four');
});
after(() => rm(folder, { recursive: true }));

const refusal = (reason: RegExp) => (error: unknown) => error instanceof InputFileError && reason.test(error.message);

test('a file is read up to its bound', async () => {
  assert.deepEqual(await readBounded(join(folder, 'four'), 4), new Uint8Array(Buffer.from('four')));
  await assert.rejects(readBounded(join(folder, 'four'), 3), refusal(/four: 4 bytes, more than 3/));
});

test('a folder or a device is not read', async () => {
  await assert.rejects(readBounded(folder, 100), refusal(/a folder; give a file/));
  await assert.rejects(readBounded('/dev/zero', 100), refusal(/neither a file nor a folder/));
});

test('names that begin with dots are no way out of a folder', async () => {
  assert.equal(await pathInside(folder, '..four'), join(folder, '..four'));
  await assert.rejects(pathInside(folder, '..'), refusal(/lies outside/));
  await assert.rejects(pathInside(folder, 'four/../../four'), refusal(/lies outside/));
});

test('images are told by their extension in any case', () => {
  assert.ok(isImageFile('a/b.JPEG') && isImageFile('b.png'));
  assert.ok(!isImageFile('png') && !isImageFile('a.npy') && !isImageFile('labels.csv'));
});

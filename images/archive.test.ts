import assert from 'node:assert/strict';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../test/support/command.ts';
import { writeImage } from './archive.ts';

test('an image is written without touching the files that it is made of', async () => {
  await using folder = await temporaryFolder();
  const source = join(folder.path, 'program');
  await writeFile(source, 'a program');
  const before = await stat(source, { bigint: true });
  const image = {
    reference: 'test/image:dev',
    files: [{ source, target: '/bin/program' }],
    config: { Entrypoint: [] },
  };
  await writeImage(image, join(folder.path, 'image.tar'));
  const { ctimeNs, nlink, size } = await stat(source, { bigint: true });
  assert.deepEqual({ ctimeNs, nlink, size }, { ctimeNs: before.ctimeNs, nlink: 1n, size: 9n });
});

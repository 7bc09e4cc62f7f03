import assert from 'node:assert/strict';
import { mkdtemp, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileDigest } from '../verified.ts';
import { UnknownZooModelError } from './errors.ts';
import { zooModels } from './models.ts';
import { resolveZooModel } from './resolve.ts';

let cacheFolder = '';
before(async () => {
  cacheFolder = await mkdtemp(join(tmpdir(), 'splitlab-zoo-'));
});
after(() => rm(cacheFolder, { recursive: true }));

test('trained models are the files that the zoo ships', async () => {
  for (const name of ['EfficientNetLite0', 'DigitsCnn'] as const) {
    const { path, digest, weights } = await resolveZooModel(name, { cacheFolder });
    assert.equal(weights, 'Trained');
    assert.equal(digest, zooModels[name].digest);
    assert.equal(await fileDigest(path), digest);
  }
});

test('a random model is written once, and again when it is damaged', async () => {
  const first = await resolveZooModel('MobileNetV2', { cacheFolder });
  assert.equal(first.weights, 'Random');
  assert.equal(await fileDigest(first.path), first.digest);
  const written = await stat(first.path);
  await resolveZooModel('MobileNetV2', { cacheFolder });
  assert.equal((await stat(first.path)).mtimeMs, written.mtimeMs);

  await truncate(first.path, 1000);
  await resolveZooModel('MobileNetV2', { cacheFolder });
  assert.equal(await fileDigest(first.path), first.digest);
});

test('an unknown name is refused with those that there are', async () => {
  for (const name of ['VGG19', 'toString', '__proto__']) {
    await assert.rejects(resolveZooModel(name, { cacheFolder }), (error: unknown) => {
      assert.ok(error instanceof UnknownZooModelError);
      assert.match(error.message, new RegExp(`${name}.*EfficientNetLite0, DigitsCnn, VGG16, ResNet50`));
      return true;
    });
  }
});

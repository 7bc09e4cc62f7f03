import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { appFolder, imageFiles, systemLibraries } from './files.ts';

const files = await imageFiles('worker-cpu');
const targets = new Set(files.map(({ target }) => target));
const own = files.filter(({ target }) => target.endsWith('.ts'));

test('whatever our files in an image import is in it too', async () => {
  for (const { source, target } of own) {
    const text = await readFile(source, 'utf8');
    for (const [, path = ''] of text.matchAll(/(?:from|import|import\(|new URL\() ?'(\.\.?\/[^']+)'/g)) {
      assert.ok(targets.has(join(dirname(target), path)), `${target} imports ${path}`);
    }
  }
});

test('an image has no tests, no tools of developers and nothing for other platforms', () => {
  const surplus =
    /\.test\.ts$|\/(testing|cli)\/[^/]+\.ts$|node_modules\/(typescript|@biomejs|node|adm-zip)\/|\/(win32|darwin)\//;
  assert.deepEqual(
    [...targets].filter((target) => target.startsWith(`${appFolder}/`) && surplus.test(target)),
    [],
  );
});

test('the worker image stays below 300 MB', async () => {
  const all = [...files, ...(await systemLibraries(files))];
  const sizes = await Promise.all(all.map(async ({ source }) => (await stat(source)).size));
  assert.ok(sizes.reduce((sum, size) => sum + size) < 300e6);
});

import assert from 'node:assert/strict';
import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import type { ImageFile } from './archive.ts';
import { appFolder, imageFiles, systemLibraries } from './files.ts';

const files = await imageFiles('worker-cpu');
const targets = new Set(files.map(({ target }) => target));

for (const name of ['worker-cpu', 'operator'] as const) {
  test(`whatever our files in the image ${name} import is in it too`, async () => assertWhole(await imageFiles(name)));
}

async function assertWhole(files: readonly ImageFile[]): Promise<void> {
  const targets = new Set(files.map(({ target }) => target));
  const own = files.filter(({ source, target }) => source.endsWith('.ts') && !target.includes('/node_modules/'));
  assert.ok(own.length > 0);
  for (const { source, target, content } of own) {
    const text = content ?? (await readFile(source, 'utf8'));
    for (const [, path = ''] of text.matchAll(/(?:from|import|import\(|new URL\() ?'(\.\.?\/[^']+)'/g)) {
      assert.ok(targets.has(join(dirname(target), path)), `${target} imports ${path}`);
    }
  }
}

test('what is TypeScript here is JavaScript in an image', async () => {
  const app = [...targets];
  assert.ok(app.includes('/app/worker/local/main.js'));
  assert.deepEqual(
    app.filter((target) => target.endsWith('.ts')),
    [],
  );
});

test('an image has no tests, no tools of developers and nothing for other platforms', () => {
  const surplus =
    /\.test\.ts$|\/(testing|cli)\/[^/]+\.ts$|node_modules\/(typescript|@biomejs|node|adm-zip)\/|\/(win32|darwin)\//;
  assert.deepEqual(
    [...targets].filter((target) => target.startsWith(`${appFolder}/`) && surplus.test(target)),
    [],
  );
});

test('an image has our licence and those that its packages come with', async () => {
  const packages = [...targets].filter((target) => /\/node_modules\/(@[^/]+\/)?[^/]+\/package\.json$/.test(target));
  assert.ok(packages.length > 50);
  const missing: string[] = [];
  for (const file of [`${appFolder}/package.json`, ...packages]) {
    const source = dirname(files.find(({ target }) => target === file)?.source ?? '');
    const licences = (await readdir(source)).filter((name) => /^(licen[cs]e|notice)/i.test(name));
    missing.push(...licences.map((name) => join(dirname(file), name)).filter((target) => !targets.has(target)));
  }
  assert.deepEqual(missing, []);
});

test('the worker image stays below 300 MB', async () => {
  const all = [...files, ...(await systemLibraries(files))];
  const sizes = await Promise.all(all.map(async ({ source }) => (await stat(source)).size));
  assert.ok(sizes.reduce((sum, size) => sum + size) < 300e6);
});

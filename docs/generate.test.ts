import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { pages } from './generate.ts';

for (const [path, page] of Object.entries(pages)) {
  test(`${path} is what its sources say`, async () => {
    const committed = await readFile(new URL(path, import.meta.url), 'utf8');
    assert.equal(committed, page(), 'run node docs/generate.ts and commit the page');
  });
}

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { fileName } from './definition.ts';
import { definitionYaml } from './generate.ts';

test('the file is what the schemas say', async () => {
  const committed = await readFile(new URL(fileName, import.meta.url), 'utf8');
  assert.equal(committed, definitionYaml(), 'run node crds/generate.ts and commit the file');
});

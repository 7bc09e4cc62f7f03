import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { entrypoints, imageUser } from './build.ts';
import { appFolder } from './files.ts';

test('the Dockerfile makes every image with the same files, user and program as a test cluster does', async () => {
  const text = await readFile(join(import.meta.dirname, 'Dockerfile'), 'utf8');
  const stages = new Map(text.split(/^FROM /m).map((stage) => [/ AS (\S+)/.exec(stage)?.[1] ?? '', stage]));
  for (const [name, entrypoint] of Object.entries(entrypoints)) {
    const lines = stages.get(name)?.trim().split('\n').slice(1) ?? [];
    assert.deepEqual(lines.slice(0, 4), [
      `COPY --from=files-${name} /base /`,
      `WORKDIR ${appFolder}`,
      `USER ${imageUser}`,
      `ENTRYPOINT ${JSON.stringify(entrypoint).replaceAll('","', '", "')}`,
    ]);
    assert.match(stages.get(`files-${name}`) ?? '', new RegExp(`images/stage.ts ${name} /base`));
  }
});

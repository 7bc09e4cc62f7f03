import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { linkConfigIn } from '../api/worker-config.ts';
import { readConfig } from './read-config.ts';

const config = {
  experiment: { name: 'e', namespace: 'n' },
  scope: { cluster: 'c', namespace: 'n', uid: 'u' },
  lane: 0,
  nats: { url: 'nats://127.0.0.1:4222', user: 'link', password: 'secret' },
};

async function read(text: string) {
  const folder = await mkdtemp(join(tmpdir(), 'splitlab-config-'));
  try {
    await writeFile(join(folder, 'link.json'), text);
    return await readConfig(linkConfigIn({}), join(folder, 'link.json'));
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('a complete configuration is read as it is', async () => {
  assert.deepEqual(await read(JSON.stringify(config)), config);
});

test('a wrong one is refused by file and field, without its password', async () => {
  await assert.rejects(read(JSON.stringify({ ...config, lane: -1 })), {
    code: 'BadConfiguration',
    message: /link\.json.*lane/,
  });
  await assert.rejects(read('{"password": "secret"x}'), (error: Error) => !error.message.includes('secret'));
  await assert.rejects(readConfig(linkConfigIn({}), '/nowhere/link.json'), {
    code: 'BadConfiguration',
    message: /nowhere/,
  });
  await assert.rejects(readConfig(linkConfigIn({}), undefined), { code: 'BadConfiguration' });
});

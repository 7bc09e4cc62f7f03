import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readLinkConfig } from './config.ts';

const config = {
  scope: { cluster: 'c', namespace: 'n', uid: 'u' },
  lane: 0,
  control: { url: 'nats://127.0.0.1:4222', user: 'link', password: 'secret' },
  listen: { host: '127.0.0.1', port: 0 },
  upstream: { host: '127.0.0.1', port: 4222 },
};

async function read(text: string) {
  const folder = await mkdtemp(join(tmpdir(), 'splitlab-link-'));
  try {
    await writeFile(join(folder, 'link.json'), text);
    return await readLinkConfig(join(folder, 'link.json'));
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('a complete configuration is read as it is', async () => {
  assert.deepEqual(await read(JSON.stringify(config)), config);
});

test('a wrong one is refused by file and field, without its password', async () => {
  await assert.rejects(read(JSON.stringify({ ...config, upstream: { host: 'x', port: 0 } })), {
    code: 'LinkConfigInvalid',
    message: /link\.json.*upstream\.port/,
  });
  await assert.rejects(read(JSON.stringify({ ...config, extra: 1 })), /extra/);
  await assert.rejects(read('{"password": "secret"x}'), (error: Error) => !error.message.includes('secret'));
  await assert.rejects(readLinkConfig('/nowhere/link.json'), { code: 'LinkConfigInvalid', message: /nowhere/ });
});

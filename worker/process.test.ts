import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const processUrl = new URL('./process.ts', import.meta.url).href;
const fatalUrl = new URL('./fatal.ts', import.meta.url).href;
const zodUrl = import.meta.resolve('zod');

/** A worker whose configuration says how it is to end. */
const main = `
import { z } from ${JSON.stringify(zodUrl)};
import { runWorker } from ${JSON.stringify(processUrl)};
import { FatalError } from ${JSON.stringify(fatalUrl)};
await runWorker('test', z.enum(['done', 'fail', 'fatal', 'wait']), async ({ config, signal }) => {
  if (config === 'fail') throw new Error('failed');
  if (config === 'fatal') throw new FatalError('NoCuda', 'CUDA is not available');
  if (config !== 'wait') return;
  const alive = setInterval(() => {}, 1000);
  process.send('waiting');
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
  clearInterval(alive);
});`;

test('a worker ends with a status that says why, and with the process that started it', {
  timeout: 60_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'splitlab-process-'));
  try {
    const file = join(folder, 'main.mjs');
    await writeFile(file, main);
    const start = async (config: string) => {
      const configFile = join(folder, `${config}.json`);
      await writeFile(configFile, JSON.stringify(config));
      const child = fork(file, [configFile], { stdio: 'ignore' });
      return { child, exit: once(child, 'exit') };
    };
    for (const [config, status] of Object.entries({ done: 0, fail: 1, fatal: 2, nonsense: 2 })) {
      const { child, exit } = await start(config);
      const messages: unknown[] = [];
      child.on('message', (message) => messages.push(message));
      assert.deepEqual(await exit, [status, null], config);
      if (config === 'fatal')
        assert.deepEqual(messages, [{ fatal: { code: 'NoCuda', message: 'CUDA is not available' } }]);
    }
    const stopped = await start('wait');
    await once(stopped.child, 'message');
    stopped.child.kill('SIGTERM');
    assert.deepEqual(await stopped.exit, [143, null]);
    const left = await start('wait');
    await once(left.child, 'message');
    left.child.disconnect();
    assert.deepEqual(await left.exit, [null, 'SIGKILL']);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

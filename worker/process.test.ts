import assert from 'node:assert/strict';
import { fork, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { readTermination } from '../api/messages/termination.ts';

const processUrl = new URL('./process.ts', import.meta.url).href;
const fatalUrl = new URL('./fatal.ts', import.meta.url).href;
const zodUrl = import.meta.resolve('zod');

/** Of each configuration, what is left in the termination log. */
const lasting: Readonly<Record<string, unknown>> = {
  fail: [['failed', 'InternalError']],
  fatal: [['fatal', 'ProviderUnavailable']],
  nonsense: [['fatal', 'BadConfiguration']],
};

/** A worker whose configuration says how it is to end. */
const main = `
import { z } from ${JSON.stringify(zodUrl)};
import { runWorker } from ${JSON.stringify(processUrl)};
import { FatalError, Superseded } from ${JSON.stringify(fatalUrl)};
await runWorker('test', z.enum(['done', 'fail', 'fatal', 'superseded', 'wait']), async ({ config, signal, ready }) => {
  if (config === 'fail') throw new Error('failed');
  if (config === 'fatal') throw new FatalError('ProviderUnavailable', 'CUDA is not available');
  if (config === 'superseded') throw new Superseded(1, 2);
  if (config !== 'wait') return;
  const alive = setInterval(() => {}, 1000);
  ready(() => true);
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
      const env = { ...process.env, SPLITLAB_TERMINATION_LOG: join(folder, `${config}.log`) };
      const child = fork(file, [configFile], { stdio: 'ignore', env });
      return { child, exit: once(child, 'exit') };
    };
    for (const [config, status] of Object.entries({ done: 0, fail: 1, fatal: 2, nonsense: 2, superseded: 143 })) {
      const { child, exit } = await start(config);
      const messages: unknown[] = [];
      child.on('message', (message) => messages.push(message));
      assert.deepEqual(await exit, [status, null], config);
      if (config === 'fatal')
        assert.deepEqual(messages, [{ fatal: { code: 'ProviderUnavailable', message: 'CUDA is not available' } }]);
      const lastWords = readTermination(await readFile(join(folder, `${config}.log`), 'utf8').catch(() => ''));
      assert.deepEqual(
        Object.entries(lastWords ?? {}).map(([kind, { code }]) => [kind, code]),
        lasting[config] ?? [],
      );
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

test('a stop that comes while a worker is loading is kept', { timeout: 60_000 }, async () => {
  const main = new URL('./local/main.ts', import.meta.url);
  const stopUrl = new URL('./stop.ts', import.meta.url).href;
  const folder = await mkdtemp(join(tmpdir(), 'splitlab-process-'));
  try {
    // As the worker's main file, but it says when it can be stopped, and waits until it was before it loads the rest.
    const file = join(folder, 'main.mjs');
    await writeFile(
      file,
      `import { catchStop } from ${JSON.stringify(stopUrl)};
       const signal = catchStop();
       process.send('catching');
       await new Promise((resolve) => { const alive = setInterval(() => signal.aborted && resolve(clearInterval(alive)), 5); });
       await import(${JSON.stringify(main.href)});`,
    );
    const child = fork(file, ['/nowhere.json'], { stdio: 'ignore' });
    const exit = once(child, 'exit');
    await once(child, 'message');
    child.kill('SIGTERM');
    assert.deepEqual(await exit, [143, null]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

const canUnshare = process.getuid?.() === 0 && spawnSync('unshare', ['--pid', '--fork', 'true']).status === 0;

test('the first process of a container, which has no default for signals, ends when it is asked to', {
  skip: !canUnshare && 'needs root and unshare',
  timeout: 60_000,
}, async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'splitlab-process-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'link.json');
  const scope = { cluster: 'c', namespace: 'n', uid: 'u' };
  const nats = { url: 'nats://127.0.0.1:1', user: 'u', password: 'p' };
  await writeFile(file, JSON.stringify({ experiment: { name: 'link', namespace: 'n' }, scope, lane: 0, nats }));
  const main = new URL('./link/main.ts', import.meta.url).pathname;
  const args = ['--pid', '--fork', '--kill-child', process.execPath, main, file];
  const outer = spawn('unshare', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  context.after(() => outer.kill('SIGKILL'));
  const exit = once(outer, 'exit');
  const [line] = await once(createInterface(outer.stdout), 'line');
  const { msg, pid } = JSON.parse(line);
  assert.deepEqual([msg, pid], ['listening', 1]);
  const inner = Number(await readFile(`/proc/${outer.pid}/task/${outer.pid}/children`, 'utf8'));
  process.kill(inner, 'SIGTERM');
  assert.deepEqual(await exit, [143, null]);
});

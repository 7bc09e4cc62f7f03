import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { findJaeger } from '../../cli/jaeger/binary.ts';
import { footprint, leftNothing, temporaryFolder } from '../support/command.ts';
import { eventually } from '../support/deadline.ts';
import { manifestText } from '../support/manifest.ts';
import { isListening } from '../support/processes.ts';

const demo = fileURLToPath(new URL('../../cli/jaeger/demo.ts', import.meta.url));
const runMs = 120_000;
/** With a first build of Jaeger. */
const timeout = 1_200_000;

/** The demonstration of `make demo-traces` with a small experiment. */
async function startDemo(folder: string, blocks: number) {
  await findJaeger();
  const [manifest, output] = [join(folder, 'small.yaml'), join(folder, 'out')];
  await writeFile(manifest, manifestText({ measurement: { warmup: 1, repetitions: 3, blocks } }));
  const child = spawn(process.execPath, [demo, manifest, output], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  }
  const until = (pattern: RegExp) =>
    eventually(runMs, `${pattern}`, async () => {
      const found = pattern.exec(said);
      if (!found && child.exitCode !== null) assert.fail(said);
      return found;
    });
  return { child, output, until };
}

const ended = async (child: ChildProcess): Promise<unknown[]> =>
  child.exitCode !== null || child.signalCode !== null ? [child.exitCode, child.signalCode] : once(child, 'close');

async function closed(url: string): Promise<void> {
  const port = Number(new URL(url).port);
  await eventually(10_000, `the end of ${url}`, async () => ((await isListening(port)) ? null : true));
}

test('the demonstration shows the slowest inference in Jaeger and in the terminal until Ctrl-C', {
  timeout,
}, async () => {
  await using folder = await temporaryFolder();
  const { child, output, until } = await startDemo(folder.path, 2);
  try {
    const [, api = '', id = ''] = await until(/its API +(http:\S+\/([0-9a-f]{32}))\n/);
    await until(new RegExp(`The slowest inference:\n\ntrace ${id}\n[\\s\\S]*total .* ms`));
    const answer = await fetch(api);
    assert.equal(answer.status, 200);
    assert.match(await answer.text(), /"name":"inference"/);
    child.kill('SIGINT');
    assert.deepEqual(await ended(child), [0, null]);
    await closed(api);
    await leftNothing(output);
  } finally {
    child.kill('SIGKILL');
  }
});

test('killed, it leaves no process and no port', { timeout }, async () => {
  await using folder = await temporaryFolder();
  const { child, output, until } = await startDemo(folder.path, 500);
  try {
    const [, endpoint = ''] = await until(/Jaeger takes traces at (http:\S+)/);
    const started = await eventually(runMs, 'the processes of the run', async () => {
      const found = await footprint(output);
      return found.processes.some(({ name }) => name === 'local') ? found : null;
    });
    child.kill('SIGKILL');
    await closed(endpoint);
    await leftNothing(output, started);
  } finally {
    child.kill('SIGKILL');
  }
});

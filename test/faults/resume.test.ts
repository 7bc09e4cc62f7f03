import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { VisitRecord } from '../../api/record/record.ts';
import {
  type CommandOptions,
  type Footprint,
  footprint,
  leftNothing,
  runToEnd,
  startCommand,
  temporaryFolder,
} from '../support/command.ts';
import { eventually } from '../support/deadline.ts';
import { firstRecords } from '../support/follow.ts';
import { manifestText } from '../support/manifest.ts';
import { commandOf } from '../support/processes.ts';
import { assertComplete, recordsOf } from '../support/results.ts';

const manifest = manifestText();
const visits = 2 * 4;

/** Starts a run, ends it once some records are stored, and looks that nothing of it is left. */
async function interrupted(
  output: string,
  options: CommandOptions,
  end: (pid: number, before: Footprint) => void,
): Promise<{ readonly status: number | null; readonly stderr: string; readonly stored: readonly VisitRecord[] }> {
  const { child, finished } = startCommand(['run', '-', '--output', output], options);
  const stored = await firstRecords(output, 2);
  const before = await footprint(output);
  assert.deepEqual(before.processes.map(({ name }) => name).sort(), ['link', 'local', 'nats-server', 'remote']);
  assert.ok(before.ports.length >= 2, 'the NATS server and the link listen');
  end(child.pid ?? -1, before);
  const { status, stderr } = await finished;
  await leftNothing(output, before);
  return { status, stderr, stored };
}

/** Finishes the run; what was stored before stands in the results as it was. */
async function resumed(output: string, folder: string, stored: readonly VisitRecord[]): Promise<void> {
  const { status, stderr } = await runToEnd(['run', '-', '--output', output, '--resume'], { folder, stdin: manifest });
  assert.equal(status, 0, stderr);
  const records = await recordsOf(output);
  assertComplete(records, visits);
  for (const record of stored) {
    const after = records.filter(({ visitId, attempt }) => visitId === record.visitId && attempt === record.attempt);
    assert.deepEqual(after, [record]);
  }
  await leftNothing(output);
}

test('Ctrl-C stops cleanly, and --resume finishes the rest, also after a second stop by SIGTERM', async () => {
  await using folder = await temporaryFolder();
  const output = join(folder.path, 'out');
  const options = { folder: folder.path, stdin: manifest };
  const first = await interrupted(output, options, (pid) => process.kill(pid, 'SIGINT'));
  assert.equal(first.status, 130, first.stderr);
  assert.match(first.stderr, /of 8 visits are stored in .*out; finish them with --resume/);
  // What was stored is in the files already.
  const partial = await recordsOf(output);
  assert.ok(partial.length >= first.stored.length && partial.length < visits);

  const again = await runToEnd(['run', '-', '--output', output], options);
  assert.equal(again.status, 2);
  assert.match(again.stderr, /holds an unfinished run started .*--resume/);

  const { child, finished } = startCommand(['run', '-', '--output', output, '--resume'], options);
  await firstRecords(output, partial.length + 1);
  child.kill('SIGTERM');
  assert.equal((await finished).status, 143);
  await leftNothing(output);
  await resumed(output, folder.path, partial);

  // A finished run is only told again.
  const before = await readFile(join(output, 'results.jsonl'), 'utf8');
  const told = startCommand(['run', '-', '--output', output, '--resume', '--json'], options);
  const { status, stdout } = await told.finished;
  assert.equal(status, 0);
  assert.equal(JSON.parse(stdout).visits.accepted, visits);
  assert.equal(await readFile(join(output, 'results.jsonl'), 'utf8'), before);
  await leftNothing(output);
});

test('kill -9 of the command leaves nothing behind, and --resume finishes the run', async () => {
  await using folder = await temporaryFolder();
  const output = join(folder.path, 'out');
  const options = { folder: folder.path, stdin: manifest };
  const { stored } = await interrupted(output, options, (pid) => process.kill(pid, 'SIGKILL'));
  await resumed(output, folder.path, stored);
});

test('kill -9 of everything at once leaves nothing behind, and --resume finishes the run', async () => {
  await using folder = await temporaryFolder();
  const output = join(folder.path, 'out');
  const options = { folder: folder.path, stdin: manifest };
  const { stored } = await interrupted(output, options, (pid, { processes }) => {
    for (const one of [pid, ...processes.map((process) => process.pid)]) process.kill(one, 'SIGKILL');
  });
  await resumed(output, folder.path, stored);
});

test('kill -9 of the npx above the command ends the run as SIGTERM does', async () => {
  await using folder = await temporaryFolder();
  const output = join(folder.path, 'out');
  const through = ['npx', '--no-install', '--prefix', process.cwd(), 'splitlab'];
  const { child } = startCommand(['run', '-', '--output', output], { folder: folder.path, stdin: manifest, through });
  const stored = await firstRecords(output, 2);
  const before = await footprint(output);
  const command = await commandOf(output);
  child.kill('SIGKILL');
  await leftNothing(output, before);
  await gone(command);
  assert.ok((await recordsOf(output)).length >= stored.length, 'the partial results are written');
  await resumed(output, folder.path, stored);
});

function gone(pid: number): Promise<true> {
  return eventually(10_000, `the end of process ${pid}`, async () => {
    try {
      process.kill(pid, 0);
      return null;
    } catch {
      return true;
    }
  });
}

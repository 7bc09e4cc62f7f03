import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { access, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '../support/deadline.ts';
import { sweepCgroups } from './cgroups.ts';
import { findPrograms } from './programs/kubernetes.ts';
import { requireNodes } from './requirements.ts';
import { sweepFolders } from './rig-folder.ts';

const script = `
  const { startCluster } = await import('${join(import.meta.dirname, 'cluster.ts')}');
  const { folder } = await startCluster({ nodes: 1 });
  console.log(folder);`;

async function mentioning(folder: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return lines.filter((line) => line.includes(folder));
}

const skip = await Promise.all([requireNodes(), findPrograms(['kubelet'])]).then(
  () => false,
  (error: Error) => error.message,
);

test('of a cluster whose process is killed nothing is left', { skip }, async () => {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let folder = '';
  for await (const text of child.stdout.setEncoding('utf8')) {
    folder = String(text).trim();
    break;
  }
  assert.match(folder, /splitlab-cluster/);
  assert.notEqual((await mentioning(folder)).length, 0);
  child.kill('SIGKILL');
  await eventually(10_000, 'the end of all processes', async () => {
    return (await mentioning(folder)).length === 0 ? true : null;
  });
  await sweepFolders();
  await assert.rejects(access(folder));
  await eventually(10_000, 'the removal of its cgroups', async () =>
    (await sweepCgroups()).length === 0 ? true : null,
  );
});

/** Planning VGG16 in fresh processes: time, memory on top of what the process had, bytes read and written. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Planned } from './planning-process.ts';
import { print, type Row, row } from './row.ts';
import { median } from './statistics.ts';
import { vgg16 } from './zoo.ts';

const processes = 7;
const megabyte = 1e6;

export async function run(): Promise<Row[]> {
  const path = await vgg16();
  const found: Planned[] = [];
  for (let i = 0; i < processes; i++) found.push(await plan(path));
  const most = (of: (planned: Planned) => number) => Math.max(...found.map(of));
  return [
    row(`reading, ${found[0]?.cuts} cuts, all sizes`, median(found.map(({ planMs }) => planMs)), 'ms'),
    row(`heads and tails of all cuts`, median(found.map(({ stubsMs }) => stubsMs)), 'ms'),
    row('planning in all', median(found.map(({ planMs, stubsMs }) => planMs + stubsMs)), 'ms', '<=', 150),
    row('its CPU time, all threads', median(found.map(({ cpuMs }) => cpuMs)), 'ms'),
    row('peak of resident memory beyond the process', most(({ peakBytes }) => peakBytes) / megabyte, 'MB', '<=', 100),
    row('all heads and tails in memory', most(({ stubBytes }) => stubBytes) / megabyte, 'MB'),
    row('read of the 553 MB file', most(({ readBytes }) => readBytes) / megabyte, 'MB', '<=', 1),
    row(
      'written',
      most(({ writtenBytes }) => writtenBytes),
      'bytes',
      '<=',
      0,
    ),
  ];
}

async function plan(path: string): Promise<Planned> {
  const child = fork(fileURLToPath(new URL('./planning-process.ts', import.meta.url)), [path]);
  const ended = once(child, 'exit');
  const result = await Promise.race([once(child, 'message'), ended.then(() => [null])]);
  const [planned]: (Planned | null)[] = result;
  if (!planned) throw new Error(`the planning process ended with status ${child.exitCode}`);
  child.disconnect();
  await ended;
  return planned;
}

if (import.meta.main) print(await run());

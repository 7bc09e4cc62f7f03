import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';
import { promisify } from 'node:util';
import { findNatsServer } from '../cli/nats-server/binary.ts';

/** What the figures were measured on, as lines of `name: value`. */
export async function describeMachine(): Promise<string[]> {
  const { stdout } = await promisify(execFile)(await findNatsServer(), ['--version']);
  return [
    `CPU: ${cpus()[0]?.model ?? 'unknown'}, ${availableParallelism()} cores`,
    `Memory: ${(totalmem() / 2 ** 30).toFixed(1)} GiB`,
    `Kernel: ${type()} ${release()}`,
    `Node: ${process.version}`,
    `onnxruntime-node: ${await versionOf('onnxruntime-node')}`,
    `nats-server: ${stdout.trim().replace(/^nats-server: /, '')}`,
    `Date: ${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC`,
  ];
}

/** Processes that wanted to run during the last minute, on average. */
export function load(): number {
  return loadavg()[0] ?? Number.NaN;
}

async function versionOf(name: string): Promise<string> {
  const file = new URL(`../node_modules/${name}/package.json`, import.meta.url);
  const { version } = JSON.parse(await readFile(file, 'utf8'));
  return String(version);
}

import { readdir, readFile, readlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { eventually } from './deadline.ts';

/** A process of a run: the run's folder stands in its command line. */
export interface RunProcess {
  readonly pid: number;
  readonly name: 'nats-server' | 'link' | 'remote' | 'local';
}

/** The processes that belong to the run in `folder` and are alive, without the command itself. */
export async function processesOf(folder: string): Promise<RunProcess[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(pids.map((pid) => describe(pid, folder)));
  return found.filter((one) => one !== null);
}

async function describe(pid: number, folder: string): Promise<RunProcess | null> {
  // A process that has ended meanwhile, or that nobody has waited for yet, has no command line.
  const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
  if (!words.some((word) => word.startsWith(`${folder}/processes/`))) return null;
  const worker = /worker\/(link|remote|local)\/main\.ts$/;
  const name = words.map((word) => worker.exec(word)?.[1]).find((one) => one !== undefined);
  if (name === 'link' || name === 'remote' || name === 'local') return { pid, name };
  return { pid, name: 'nats-server' };
}

/** TCP ports on which a process listens. */
export async function listeningPorts(pid: number): Promise<number[]> {
  return (await sockets(pid)).filter(({ listens }) => listens).map(({ port }) => port);
}

/** Its own TCP ports of the connections that a process has. */
export async function connectedPorts(pid: number): Promise<number[]> {
  return (await sockets(pid)).filter(({ listens }) => !listens).map(({ port }) => port);
}

async function sockets(pid: number): Promise<{ readonly port: number; readonly listens: boolean }[]> {
  const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []);
  const links = await Promise.all(descriptors.map((one) => readlink(`/proc/${pid}/fd/${one}`).catch(() => '')));
  const inodes = new Set(links.map((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1]));
  const rows = (await readFile('/proc/net/tcp', 'utf8')).trim().split('\n').slice(1);
  // proc(5): local address, state (0A: listening) and inode are columns 1, 3 and 9.
  return rows
    .map((row) => row.trim().split(/\s+/))
    .filter((cells) => inodes.has(cells[9]))
    .map((cells) => ({
      port: Number.parseInt(cells[1]?.split(':')[1] ?? '', 16),
      listens: cells[3] === '0A',
    }));
}

/** Whether something accepts connections on a port of 127.0.0.1. */
export function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Names of the processes that every run with a link has. */
export const runProcesses = ['nats-server', 'link', 'remote', 'local'] as const;

/** Kills one process of the run in `folder` as a crash would, waiting until there is one. */
export async function killed(folder: string, name: RunProcess['name']): Promise<void> {
  const { pid } = await eventually(10_000, `a process ${name}`, async () => {
    return (await processesOf(folder)).find((one) => one.name === name) ?? null;
  });
  process.kill(pid, 'SIGKILL');
}

/** Process id of the command that runs in `output`: it stands in the folder's lock. */
export async function commandOf(output: string): Promise<number> {
  return Number.parseInt(await readFile(`${output}/run.lock`, 'utf8'), 10);
}

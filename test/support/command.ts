import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually, within } from './deadline.ts';
import { isListening, listeningPorts, processesOf, type RunProcess } from './processes.ts';

export const splitlab = fileURLToPath(new URL('../../bin/splitlab', import.meta.url));
const runMs = 120_000;

export interface Finished {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command as a user starts it. */
export interface Command {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
}

export interface CommandOptions {
  readonly folder: string;
  readonly stdin?: string;
  /** What to start instead of the command, and its first arguments. */
  readonly through?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts the command; with `stdin` that is its whole standard input. */
export function startCommand(args: readonly string[], options: CommandOptions): Command {
  const [file = splitlab, ...first] = options.through ?? [];
  const child = spawn(file, [...first, ...args], {
    cwd: options.folder,
    env: { ...process.env, ...options.env },
    stdio: [options.stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  child.stdin?.end(options.stdin);
  const [stdout, stderr]: [string[], string[]] = [[], []];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => stdout.push(text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => stderr.push(text));
  const ended = once(child, 'close').then(([status, signal]) => ({
    status,
    signal,
    stdout: stdout.join(''),
    stderr: stderr.join(''),
  }));
  return { child, finished: within(runMs, `splitlab ${args.join(' ')}`, ended) };
}

export function runToEnd(args: readonly string[], options: CommandOptions): Promise<Finished> {
  return startCommand(args, options).finished;
}

/** A folder that is removed with everything in it. */
export async function temporaryFolder(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'splitlab-e2e-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** What a run has started so far: its processes, and the ports they listen on. */
export interface Footprint {
  readonly processes: readonly RunProcess[];
  readonly ports: readonly number[];
}

export async function footprint(output: string): Promise<Footprint> {
  const processes = await processesOf(output);
  const ports = (await Promise.all(processes.map(({ pid }) => listeningPorts(pid)))).flat();
  return { processes, ports };
}

/** Waits until nothing of a run is left: no process with its folder in the command line, no port of `before`. */
export async function leftNothing(output: string, before: Footprint = { processes: [], ports: [] }): Promise<void> {
  await eventually(10_000, `the end of the processes of ${output}`, async () => {
    const left = await processesOf(output);
    return left.length === 0 ? true : null;
  });
  for (const port of before.ports) {
    await eventually(5_000, `the closing of port ${port}`, async () => ((await isListening(port)) ? null : true));
  }
}

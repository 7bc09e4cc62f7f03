import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { guard } from '../../cli/nats-server/guard.ts';
import { ClusterProcessFailed } from './errors.ts';

export interface ProcessOptions {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  /** Where its output is appended. */
  readonly logFile: string;
  /** A command line that runs the program elsewhere, such as in another network namespace. */
  readonly through?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A process of a test cluster; it does not outlive this one. */
export interface ClusterProcess extends AsyncDisposable {
  readonly name: string;
  readonly pid: number;
  readonly logFile: string;
  /** Waits until `isReady` says so. Throws `ClusterProcessFailed` when the process ends before or the time is over. */
  until(isReady: () => Promise<boolean>, withinMs?: number): Promise<void>;
  /** Ends it and waits for that; by default as a crash would, since nothing that it keeps is needed. */
  kill(signal?: NodeJS.Signals): Promise<void>;
}

/** Starts a program, its output going to a file. */
export async function startProcess(options: ProcessOptions): Promise<ClusterProcess> {
  const { name, logFile, through = [] } = options;
  const [file = '', ...args] = [...through, options.file, ...options.args];
  const guarded = await guard(file, args, process.pid);
  const log = await open(logFile, 'a', 0o600);
  const child = spawn(guarded.file, guarded.arguments, {
    stdio: [guarded.needsPipe ? 'pipe' : 'ignore', log.fd, log.fd],
    env: { ...process.env, ...options.env },
    // Ctrl-C on a terminal reaches the whole process group; who started the cluster decides when it ends.
    detached: true,
  });
  const ended = once(child, 'close');
  ended.catch(() => {});
  await log.close();
  const isOver = () => child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
  const failed = async (what: string) => new ClusterProcessFailed(`${name} ${what}`, await lastLines(logFile));
  const kill = async (signal: NodeJS.Signals = 'SIGKILL') => {
    if (!isOver()) child.kill(signal);
    child.stdin?.destroy();
    await ended.catch(() => {});
  };
  return {
    name,
    pid: child.pid ?? -1,
    logFile,
    async until(isReady, withinMs = 60_000) {
      const deadline = AbortSignal.timeout(withinMs);
      while (!(await isReady())) {
        if (isOver()) throw await failed(`ended (${child.signalCode ?? child.exitCode ?? `${file} does not start`})`);
        if (deadline.aborted) throw await failed(`is not ready after ${withinMs} ms`);
        await delay(20);
      }
    },
    kill,
    [Symbol.asyncDispose]: () => kill(),
  };
}

async function lastLines(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.trim().split('\n').slice(-10).join('\n');
}

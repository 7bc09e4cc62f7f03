import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findNatsServer } from './nats-server/binary.ts';
import { type NatsUser, natsConfig } from './nats-server/config.ts';
import { NatsServerFailed } from './nats-server/errors.ts';
import { byPipe, type Guard, guard } from './nats-server/guard.ts';

export { findNatsServer } from './nats-server/binary.ts';
export type { NatsUser } from './nats-server/config.ts';
export { NatsServerFailed, NatsServerMissing } from './nats-server/errors.ts';

export interface NatsServerOptions {
  /** Where configuration, log and JetStream's store are kept; made if absent. */
  readonly folder: string;
  readonly users: readonly NatsUser[];
  /** Further settings of its configuration file; they win over ours, and `undefined` leaves one out. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** A port of 127.0.0.1; absent: chosen by the system. Give the old one to start again after a crash. */
  readonly port?: number;
  /** The server's program; absent: found or built by {@link findNatsServer}. */
  readonly binary?: string;
  /** JetStream's store; default `jetstream` in `folder`. */
  readonly storeFolder?: string;
  /** How the server is kept from outliving this process; `auto` unless a test asks for the fallback. */
  readonly guardedBy?: 'auto' | 'pipe';
  readonly log?: (line: string) => void;
  readonly signal?: AbortSignal;
  /** Until it listens; default 20 s. */
  readonly startTimeoutMs?: number;
}

export interface NatsServer extends AsyncDisposable {
  /** `nats://127.0.0.1:<port>`, without credentials. */
  readonly url: string;
  readonly port: number;
  /** The server's own process id. */
  readonly pid: number;
  readonly logFile: string;
  /** Resolves when the server's process has ended, for whatever reason. */
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  /** Ends the server and waits for it: SIGTERM, then SIGKILL after 5 s. */
  stop(): Promise<void>;
}

/**
 * Starts a NATS server with JetStream on 127.0.0.1 that cannot outlive this process. Throws {@link NatsServerFailed}
 * with the end of its log when it does not come up, and `NatsServerMissing` when there is no program to start.
 */
export async function startNatsServer(options: NatsServerOptions): Promise<NatsServer> {
  options.signal?.throwIfAborted();
  const binary = options.binary ?? (await findNatsServer(options));
  const file = (name: string) => join(options.folder, name);
  const portsFolder = file('nats-server.ports');
  const pidFile = file('nats-server.pid');
  const logFile = file('nats-server.log');
  // What a killed server left would be taken for the new one's.
  await Promise.all(
    [portsFolder, pidFile, file('nats-server.conf')].map((old) => rm(old, { recursive: true, force: true })),
  );
  await mkdir(portsFolder, { recursive: true });
  const config = natsConfig({
    users: options.users,
    port: options.port ?? 0,
    portsFolder,
    pidFile,
    logFile,
    storeFolder: options.storeFolder ?? file('jetstream'),
    ...(options.settings && { settings: options.settings }),
  });
  await writeFile(file('nats-server.conf'), config, { mode: 0o600 });
  const args = ['--config', file('nats-server.conf')];
  const command = options.guardedBy === 'pipe' ? byPipe(binary, args) : await guard(binary, args, process.pid);
  const child = launch(command);
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-4096);
  });
  const exited = once(child, 'close').then(([code, signal]) => ({ code, signal }));
  exited.catch(() => {});
  const lastLines = async () =>
    [stderr, await readFile(logFile, 'utf8').catch(() => '')].join('').trim().split('\n').slice(-5).join('\n');
  const stop = () => end(child);
  try {
    const deadline = AbortSignal.timeout(options.startTimeoutMs ?? 20_000);
    let ended = false;
    const noteEnd = () => {
      ended = true;
    };
    exited.then(noteEnd, noteEnd);
    for (;;) {
      const found = await listening(portsFolder, pidFile);
      if (found !== null) {
        return { ...found, url: `nats://127.0.0.1:${found.port}`, logFile, exited, stop, [Symbol.asyncDispose]: stop };
      }
      options.signal?.throwIfAborted();
      if (ended) throw new NatsServerFailed('ended before it listened', await lastLines());
      if (deadline.aborted) throw new NatsServerFailed('did not listen in time', await lastLines());
      await delay(10);
    }
  } catch (error) {
    await stop();
    throw error;
  }
}

function launch(command: Guard): ChildProcess {
  const child = spawn(command.file, command.arguments, {
    stdio: [command.needsPipe ? 'pipe' : 'ignore', 'ignore', 'pipe'],
    // Ctrl-C on a terminal reaches the whole process group; the command decides itself when its server ends.
    detached: true,
  });
  child.on('error', () => {});
  return child;
}

/** Port and process id once the server has said both, else null; it writes its ports file when it accepts clients. */
async function listening(portsFolder: string, pidFile: string): Promise<{ port: number; pid: number } | null> {
  const [name] = await readdir(portsFolder);
  if (name === undefined) return null;
  const text = await readFile(join(portsFolder, name), 'utf8');
  const port = /"(?:nats|tls):\/\/127\.0\.0\.1:(\d+)"/.exec(text)?.[1];
  const pid = (await readFile(pidFile, 'utf8').catch(() => '')).trim();
  return port === undefined || pid === '' ? null : { port: Number(port), pid: Number(pid) };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    const timer = setTimeout(() => kill(child), 5_000);
    await exit;
    clearTimeout(timer);
  }
  child.stdin?.destroy();
}

function kill(child: ChildProcess): void {
  // Of a guard with a pipe the child is the shell; closing the pipe is what makes its watcher kill the server.
  if (child.stdin === null) child.kill('SIGKILL');
  else child.stdin.destroy();
}

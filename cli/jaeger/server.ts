import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { guard } from '../nats-server/guard.ts';
import { findJaeger } from './binary.ts';
import { jaegerConfig } from './config.ts';
import { freePorts } from './ports.ts';

const startTimeoutMs = 30_000;

/** A Jaeger of our own with its traces in memory, on ports of 127.0.0.1. */
export interface JaegerServer extends AsyncDisposable {
  /** Where it takes OTLP. */
  readonly endpoints: { readonly HttpProtobuf: string; readonly Grpc: string };
  /** Its query service, without a path. */
  readonly queryUrl: string;
  /** Whether `queryUrl` shows pages; else it has the API alone. */
  readonly hasPages: boolean;
}

/** Jaeger ended, or did not answer in time. */
export class JaegerFailed extends Error {
  readonly code = 'JaegerFailed';
  constructor(log: string) {
    super(`Jaeger does not answer${log === '' ? '' : `; its last lines:\n${log}`}`);
    this.name = 'JaegerFailed';
  }
}

/**
 * Starts Jaeger v2, which cannot outlive this process, and waits until it answers; disposing ends it. Throws
 * `ProgramMissing` and {@link JaegerFailed}.
 */
export async function startJaegerServer(signal?: AbortSignal): Promise<JaegerServer> {
  const { path, hasPages } = await findJaeger();
  signal?.throwIfAborted();
  const folder = await mkdtemp(join(tmpdir(), 'splitlab-jaeger-'));
  const [http = 0, grpc = 0, query = 0, queryGrpc = 0] = await freePorts(4);
  const configFile = join(folder, 'jaeger.json');
  await writeFile(configFile, JSON.stringify(jaegerConfig({ http, grpc, query, queryGrpc })));
  const command = await guard(path, ['--config', configFile], process.pid);
  const child = spawn(command.file, command.arguments, {
    stdio: [command.needsPipe ? 'pipe' : 'ignore', 'ignore', 'pipe'],
    // Ctrl-C on a terminal reaches the whole process group; who started it decides when it ends.
    detached: true,
  });
  const closed = once(child, 'close');
  closed.catch(() => {});
  const stop = async () => {
    end(child);
    await closed.catch(() => {});
    await rm(folder, { recursive: true, force: true });
  };
  const queryUrl = `http://127.0.0.1:${query}`;
  try {
    await answers(child, queryUrl, signal);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    endpoints: { HttpProtobuf: `http://127.0.0.1:${http}`, Grpc: `http://127.0.0.1:${grpc}` },
    queryUrl,
    hasPages,
    [Symbol.asyncDispose]: stop,
  };
}

async function answers(child: ChildProcess, queryUrl: string, signal?: AbortSignal): Promise<void> {
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-4_000);
  });
  const deadline = AbortSignal.timeout(startTimeoutMs);
  for (;;) {
    const answer = await fetch(`${queryUrl}/api/v3/services`).catch(() => null);
    await answer?.arrayBuffer();
    if (answer?.ok) return;
    signal?.throwIfAborted();
    if (child.exitCode !== null || child.signalCode !== null || deadline.aborted) throw new JaegerFailed(said.trim());
    await delay(50);
  }
}

/** It keeps nothing, and a gentle end waits 10 s for clients to go. */
function end(child: ChildProcess): void {
  // Of a guard with a pipe the child is the shell; closing the pipe is what makes its watcher kill the program.
  if (child.stdin === null) child.kill('SIGKILL');
  else child.stdin.destroy();
}

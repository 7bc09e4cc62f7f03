import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { guard } from '../../cli/nats-server/guard.ts';
import { within } from './deadline.ts';

const startMs = 60_000;
const stopMs = 20_000;
const lineSchema = z.looseObject({ level: z.number(), msg: z.string().default('') });
type Line = z.infer<typeof lineSchema>;

export interface OperatorProcessOptions {
  /** Where its configuration file is written. */
  readonly folder: string;
  readonly kubeconfig: string;
  readonly namespace: string;
  /** Name of the replica; default `operator-0`. */
  readonly name?: string;
  /** The configuration file's contents. */
  readonly config: object;
  /** Further variables of its environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The operator as a process of its own. */
export interface OperatorProcess {
  /** Port of its probes, once it listens; rejects when it ends before. */
  readonly healthPort: Promise<number>;
  /** Port of its results API; throws before it listens. */
  resultsPort(): number;
  /** Resolves once it leads; rejects when it ends before. */
  readonly leads: Promise<void>;
  /** Its exit status and signal. */
  readonly ended: Promise<{ readonly status: number | null; readonly signal: string | null }>;
  /** What it logged, the newest last. */
  readonly log: readonly Line[];
  /** Ends it with SIGTERM; gives its exit status. */
  stop(): Promise<number | null>;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
}

/** Starts `operator/main.ts`, which does not outlive this process. */
export async function startOperatorProcess(options: OperatorProcessOptions): Promise<OperatorProcess> {
  const { folder, kubeconfig, namespace, name = 'operator-0' } = options;
  const file = join(folder, `${name}.json`);
  await writeFile(file, JSON.stringify(options.config));
  const env = { ...process.env, ...options.env, KUBECONFIG: kubeconfig, POD_NAMESPACE: namespace, POD_NAME: name };
  const main = join(import.meta.dirname, '..', '..', 'operator', 'main.ts');
  const guarded = await guard(process.execPath, [main, file], process.pid);
  const stdin = guarded.needsPipe ? 'pipe' : 'ignore';
  const child = spawn(guarded.file, guarded.arguments, { env, stdio: [stdin, 'pipe', 'inherit'] });
  const ended = once(child, 'exit').then(([status, signal]) => ({ status, signal }));
  const listening = Promise.withResolvers<number>();
  const leading = Promise.withResolvers<void>();
  const log: Line[] = [];
  assert.ok(child.stdout);
  createInterface({ input: child.stdout }).on('line', (text) => {
    const line = lineSchema.parse(JSON.parse(text));
    log.push(line);
    if (process.env.SPLITLAB_TEST_LOG) process.stderr.write(`${name}: ${text}\n`);
    if (line.msg === 'listening') listening.resolve(Number(line.health));
    if (line.msg === 'started leading') leading.resolve();
  });
  ended.then(({ status, signal }) => {
    const error = new Error(`the operator ended with ${status ?? signal}: ${JSON.stringify(log.at(-1))}`);
    listening.reject(error);
    leading.reject(error);
  });
  leading.promise.catch(() => {});
  const healthPort = within(startMs, 'the operator listens', listening.promise);
  healthPort.catch(() => {});
  return {
    healthPort,
    resultsPort() {
      const line = log.find(({ msg }) => msg === 'listening');
      assert.ok(line, 'the operator listens');
      return Number(line.results);
    },
    leads: leading.promise,
    ended,
    log,
    async stop() {
      child.kill('SIGTERM');
      return (await within(stopMs, 'the operator ends', ended)).status;
    },
    async kill() {
      child.kill('SIGKILL');
      child.stdin?.destroy();
      await ended;
    },
  };
}

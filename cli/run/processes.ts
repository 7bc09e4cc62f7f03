import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import type { Spec } from '../../api/manifest/spec.ts';
import type { SpanTally } from '../../api/messages/spans.ts';
import type { NatsConfig, WorkerConfig } from '../../api/worker-config.ts';
import { describeMachine } from '../../worker/measure/machine.ts';
import { pinningPlan } from '../../worker/measure/pin.ts';
import { parseCoreList } from '../../worker/measure/proc.ts';
import { type NatsServer, startNatsServer } from '../nats-server.ts';
import type { RunFolder } from './folder.ts';
import { launchWorker } from './launch.ts';
import { type Ended, type Running, type Supervised, supervise } from './supervise.ts';

const mains = {
  link: new URL('../../worker/link/main.ts', import.meta.url),
  remote: new URL('../../worker/remote/main.ts', import.meta.url),
  local: new URL('../../worker/local/main.ts', import.meta.url),
};

export interface ProcessesOptions {
  readonly folder: RunFolder;
  readonly config: Omit<WorkerConfig, 'nats' | 'podAttempt'>;
  /** Worker starts of earlier, interrupted runs in this folder: a newer worker must have a higher podAttempt. */
  readonly firstAttempt: number;
  readonly withLink: boolean;
  readonly restartLimit: number;
  readonly progress: () => number;
  readonly onRestart: (name: string, ended: Ended) => void;
  /** Told what became of the spans of each worker that ended. */
  readonly onSpans: (tally: SpanTally) => void;
  readonly signal: AbortSignal;
}

/** A NATS server with its login, and the workers of one lane on it. */
export interface Processes extends AsyncDisposable {
  readonly nats: NatsConfig;
  /** Starts the workers. Resolves when the local one is done, rejects when one of all cannot be kept running. */
  runWorkers(): Promise<void>;
}

/** Starts the NATS server of a run; disposing ends every process that was started. */
export async function startProcesses(options: ProcessesOptions): Promise<Processes> {
  const { folder } = options;
  const login = { user: 'splitlab', password: randomBytes(24).toString('base64url') };
  await mkdir(folder.file('processes'), { recursive: true, mode: 0o700 });
  const cores = await pinnedCores(options.config.manifest.spec);
  let port: number | undefined;
  const supervised: Supervised[] = [];
  const start = async (name: string, launch: (start: number) => Promise<Running>, logFile: string) => {
    const process = await supervise({
      name,
      logFile,
      endsByItself: name === 'local',
      launch,
      restartLimit: options.restartLimit,
      progress: options.progress,
      onRestart: (ended) => options.onRestart(name, ended),
    });
    supervised.push(process);
    return process;
  };

  const natsFolder = folder.file('processes', 'nats-server');
  const broker = await start(
    'nats-server',
    async () => {
      const server = await startNatsServer({
        folder: natsFolder,
        users: [login],
        storeFolder: folder.file('jetstream'),
        ...(port !== undefined && { port }),
        signal: options.signal,
      });
      // Workers know the old address and come back to it.
      port = server.port;
      return asRunning(server);
    },
    `${natsFolder}/nats-server.log`,
  );
  const nats = { url: `nats://127.0.0.1:${port}`, ...login };

  async function startWorker(name: keyof typeof mains): Promise<Supervised> {
    const logFile = folder.file('logs', `${name}.log`);
    const configFile = folder.file('processes', `${name}.json`);
    return start(
      name,
      async (attempt) => {
        const config: WorkerConfig = { ...options.config, nats, podAttempt: options.firstAttempt + attempt };
        await writeFile(configFile, JSON.stringify(config), { mode: 0o600 });
        return launchWorker(mains[name], configFile, logFile, cores[name], options.onSpans);
      },
      logFile,
    );
  }

  return {
    nats,
    async runWorkers() {
      options.signal.throwIfAborted();
      const others = await Promise.all([
        broker,
        ...(options.withLink ? [startWorker('link')] : []),
        startWorker('remote'),
      ]);
      const local = await startWorker('local');
      const stopped = Promise.withResolvers<never>();
      const stop = () => stopped.reject(options.signal.reason);
      options.signal.addEventListener('abort', stop, { once: true });
      if (options.signal.aborted) stop();
      try {
        await Promise.race([local.done, stopped.promise, ...others.map(onlyFailure)]);
      } finally {
        options.signal.removeEventListener('abort', stop);
      }
    },
    async [Symbol.asyncDispose]() {
      const [server, ...workers] = supervised;
      await Promise.all(workers.map((one) => one.stop()));
      await server?.stop();
    },
  };
}

/** The cores of each worker: its own where there are enough for all, else none to be pinned to. */
async function pinnedCores({ local, remote }: Spec): Promise<Record<keyof typeof mains, readonly number[]>> {
  const { cpuset } = await describeMachine(local.executionProvider);
  const plan = pinningPlan((cpuset !== null && parseCoreList(cpuset)) || [], local.threads, remote.threads);
  return plan.unpinned === null ? plan : { local: [], remote: [], link: [] };
}

/** A process that is to run all the time counts only when it fails for good. */
async function onlyFailure({ done }: Supervised): Promise<never> {
  await done;
  return new Promise(() => {});
}

function asRunning(server: NatsServer): Running {
  return { pid: server.pid, ended: server.exited, stop: () => server.stop() };
}

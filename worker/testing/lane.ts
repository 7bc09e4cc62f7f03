import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { manifestSchema } from '../../api/manifest/manifest.ts';
import { type Termination, terminationSchema } from '../../api/messages/termination.ts';
import type { NatsConfig, WorkerConfigFile } from '../../api/worker-config.ts';

export const laneScope = { cluster: 'c', namespace: 'n', uid: 'u' } as const;

export interface Worker {
  readonly child: ChildProcess;
  /** How it ended, and its last words. */
  readonly ended: Promise<{ readonly status: unknown; readonly said: Termination | null }>;
}

export interface Workers extends AsyncDisposable {
  readonly folder: string;
  start(kind: 'local' | 'remote' | 'link', nats: NatsConfig, options?: StartOptions): Promise<Worker>;
}

interface StartOptions {
  readonly podAttempt?: number;
  readonly config?: Partial<WorkerConfigFile>;
  readonly env?: Readonly<Record<string, string>>;
}

/** Workers of lane 0 as a pod would start them, for tests: `spec` is the manifest's; disposing kills those that run. */
export async function startWorkers(spec: Record<string, unknown>): Promise<Workers> {
  const folder = await mkdtemp(join(tmpdir(), 'splitlab-lane-'));
  const running = new Set<Worker>();
  const manifest = manifestSchema.parse({
    apiVersion: 'splitlab.dev/v1alpha1',
    kind: 'SplitExperiment',
    metadata: { name: 'lane' },
    spec,
  });
  return {
    folder,
    async start(kind, nats, { podAttempt = 0, config = {}, env = {} } = {}) {
      const file = join(folder, `${kind}-${podAttempt}.json`);
      const written: WorkerConfigFile = {
        experiment: { name: 'lane', namespace: 'n' },
        scope: laneScope,
        nats,
        manifest,
        model: null,
        ...config,
      };
      await writeFile(file, JSON.stringify(written), { mode: 0o600 });
      const place = { SPLITLAB_LANE: '0', SPLITLAB_POD_ATTEMPT: `${podAttempt}` };
      const child = fork(new URL(`../${kind}/main.ts`, import.meta.url), [file], {
        stdio: ['ignore', process.env.SPLITLAB_TEST_LOG ? 'inherit' : 'ignore', 'inherit', 'ipc'],
        env: { ...process.env, SPLITLAB_CACHE: join(folder, 'cache'), ...place, ...env },
      });
      let said: Termination | null = null;
      child.on('message', (message) => {
        said = terminationSchema.safeParse(message).data ?? null;
      });
      const ended = once(child, 'close').then(([code, signal]) => ({ status: code ?? signal, said }));
      const worker = { child, ended };
      running.add(worker);
      ended.then(() => running.delete(worker));
      return worker;
    },
    async [Symbol.asyncDispose]() {
      for (const { child, ended } of running) {
        child.kill('SIGKILL');
        await ended;
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

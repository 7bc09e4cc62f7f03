import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { V1ContainerState, V1PodStatus } from '@kubernetes/client-node';
import type { Client } from '../../../operator/runtime/client/client.ts';
import { ApiError, ApiTimeout, ApiUnreachable, NotFound } from '../../../operator/runtime/client/errors.ts';
import { keyOf, type ObjectKey } from '../../../operator/runtime/objects.ts';
import { pods, secrets } from '../../../operator/runtime/resources.ts';
import type { Wire } from '../../../operator/runtime/wire.ts';
import { type Container, type Exit, inMounts, type Pod, type PodFiles, startContainer } from './container.ts';

const retryMs = 100;
const config = '/etc/splitlab';

export interface PodRunOptions {
  readonly client: Client;
  /** Where the files of all pods lie. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** One pod on the machine of the test: what a kubelet does for it from its binding to its end. */
export class PodRun {
  readonly #options: PodRunOptions;
  readonly #key: ObjectKey;
  readonly #containers = new Map<string, Container>();
  readonly #removal = Promise.withResolvers<void>();
  #removed = false;
  #stopping = false;
  #writing: Promise<void> = Promise.resolve();
  #status: Wire<V1PodStatus> = {};
  #pod: Pod;
  readonly ended: Promise<void>;

  constructor(pod: Pod, options: PodRunOptions) {
    this.#pod = pod;
    this.#key = keyOf(pod);
    this.#options = options;
    this.ended = this.#run();
  }

  /** The process of a container, while it runs. */
  container(name: string): Container | undefined {
    return this.#containers.get(name);
  }

  /** Takes note of what the API server shows of the pod. */
  see(pod: Pod): void {
    if (pod.metadata.uid !== this.#pod.metadata.uid) return;
    if (pod.metadata.deletionTimestamp !== undefined) this.remove();
    // The node controller may have taken it for lost meanwhile.
    else if (isReady(this.#status) && !isReady(pod.status ?? {})) void this.#write(this.#status);
  }

  /** The pod is to go: its containers are stopped. */
  remove(): void {
    this.#removed = true;
    this.#removal.resolve();
  }

  async #run(): Promise<void> {
    try {
      const exit = await this.#work();
      if (exit) await this.#write(endedAs(exit));
      await this.#stopAll('SIGTERM');
      await this.#removal.promise;
      await this.#persist(async () => {
        const uid = this.#pod.metadata.uid;
        await this.#options.client.delete(pods, this.#key, { uid, gracePeriodSeconds: 0 });
      });
    } catch (error) {
      if (!this.#options.signal.aborted) throw error;
    } finally {
      await this.#stopAll('SIGKILL');
    }
  }

  /** Runs the containers until the worker ends; null where the pod was removed before it started. */
  async #work(): Promise<Exit | null> {
    // What informers keep of a pod is not all of it.
    this.#pod = (await this.#persist(() => this.#options.client.get(pods, this.#key))) ?? this.#pod;
    const files = await this.#mount();
    const { initContainers = [], containers = [] } = this.#pod.spec ?? {};
    for (const sidecar of initContainers) {
      if (this.#removed) return null;
      void this.#keep(sidecar.name, () => startContainer(this.#pod, sidecar, files));
      while (!(await this.#containers.get(sidecar.name)?.ready)) await this.#pause();
    }
    const [wanted] = containers;
    if (this.#removed || !wanted) return null;
    const worker = await startContainer(this.#pod, wanted, files);
    this.#containers.set(worker.name, worker);
    void this.#write(running(false));
    void worker.ready.then(async (ready) => {
      if (ready && this.#containers.has(worker.name)) await this.#write(running(true));
    });
    void this.#removal.promise.then(() => worker.child.kill('SIGTERM'));
    const exit = await worker.exited;
    this.#containers.delete(worker.name);
    return exit;
  }

  /** A native sidecar: started again whenever it ends, until the pod's worker has. */
  async #keep(name: string, start: () => Promise<Container>): Promise<void> {
    const { signal } = this.#options;
    while (!signal.aborted) {
      const container = await start();
      if (this.#stopping) container.child.kill('SIGKILL');
      this.#containers.set(name, container);
      await container.exited;
      if (this.#stopping) return;
      await this.#pause();
    }
  }

  async #stopAll(signal: NodeJS.Signals): Promise<void> {
    this.#stopping = true;
    for (const { child, exited } of this.#containers.values()) {
      child.kill(signal);
      await exited;
    }
    this.#containers.clear();
  }

  /** The volumes of a worker's pod; the paths in its configuration are those of this machine. */
  async #mount(): Promise<PodFiles> {
    const { folder } = this.#options;
    const own = join(folder, 'processes', this.#pod.metadata.uid);
    const files = { folder: own, mounts: { [config]: join(own, 'etc'), '/cache': join(folder, 'cache') } };
    await mkdir(join(own, 'etc'), { recursive: true });
    const volume = this.#pod.spec?.volumes?.find(({ secret }) => secret?.secretName !== undefined);
    const key = { namespace: this.#key.namespace ?? '', name: volume?.secret?.secretName ?? '' };
    const data = await this.#persist(async () => (await this.#options.client.get(secrets, key)).data ?? {});
    for (const [name, value] of Object.entries(data ?? {})) {
      const text = Buffer.from(value, 'base64').toString();
      await writeFile(join(own, 'etc', name), name.endsWith('.json') ? inMounts(text, files) : text, { mode: 0o600 });
    }
    return files;
  }

  /** Reports come in order: one that is overtaken by a newer one is left out. */
  #write(status: Wire<V1PodStatus>): Promise<void> {
    this.#status = status;
    const { uid } = this.#pod.metadata;
    this.#writing = this.#writing.then(async () => {
      await this.#persist(async () => {
        if (this.#status !== status) return;
        await this.#options.client.patch(pods, this.#key, { metadata: { uid }, status }, { subresource: 'status' });
      });
    });
    return this.#writing;
  }

  /** Does something at the API server, as often as it takes; null where the object is gone. */
  async #persist<T>(work: () => Promise<T>): Promise<T | null> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (error instanceof NotFound && this.#removed) return null;
        if (!(error instanceof ApiError || error instanceof ApiUnreachable || error instanceof ApiTimeout)) throw error;
        await this.#pause();
      }
    }
  }

  #pause(): Promise<void> {
    return delay(retryMs, undefined, { signal: this.#options.signal });
  }
}

function running(ready: boolean): Wire<V1PodStatus> {
  return statusOf('Running', ready, { running: {} });
}

function endedAs({ exitCode, message }: Exit): Wire<V1PodStatus> {
  const finishedAt = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  const phase = exitCode === 0 ? 'Succeeded' : 'Failed';
  return statusOf(phase, false, { terminated: { exitCode, message, finishedAt } });
}

function statusOf(phase: string, ready: boolean, state: Wire<V1ContainerState>): Wire<V1PodStatus> {
  const worker = { name: 'worker', image: 'here', imageID: '', ready, restartCount: 0, state };
  const conditions = [
    { type: 'PodScheduled', status: 'True' },
    { type: 'Ready', status: ready ? 'True' : 'False' },
  ];
  return { phase, conditions, containerStatuses: [worker] };
}

function isReady({ conditions = [] }: Wire<V1PodStatus>): boolean {
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
}

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { V1Container, V1Pod } from '@kubernetes/client-node';
import type { Stored } from '../../../operator/runtime/objects.ts';
import type { Wire } from '../../../operator/runtime/wire.ts';
import { freePort } from '../../cluster/ports.ts';
import { eventually } from '../../support/deadline.ts';

export type Pod = Stored<Wire<V1Pod>>;

const root = join(import.meta.dirname, '..', '..', '..');
const signals: Readonly<Record<string, number>> = { SIGKILL: 137, SIGTERM: 143 };
const readyMs = 60_000;

/** How a container ended, as its status tells. */
export interface Exit {
  readonly exitCode: number;
  readonly message: string;
}

/** A container of a pod that runs as a process of this machine. */
export interface Container {
  readonly name: string;
  /** Where it answers probes and shows its metrics, on 127.0.0.1. */
  readonly port: number;
  readonly child: ChildProcess;
  readonly exited: Promise<Exit>;
  /** Whether `/readyz` said yes before the container ended. */
  readonly ready: Promise<boolean>;
}

/** Files of a pod: its volumes by mount path, and a folder for what its containers write. */
export interface PodFiles {
  readonly mounts: Readonly<Record<string, string>>;
  readonly folder: string;
}

/** Starts what the container's image would: the project's own main file. It ends with this process. */
export async function startContainer(pod: Pod, container: Wire<V1Container>, files: PodFiles): Promise<Container> {
  const { name } = container;
  const port = await freePort();
  const terminationLog = join(files.folder, `termination-${name}`);
  await rm(terminationLog, { force: true });
  const values = environmentOf(pod, container);
  const env = {
    ...Object.fromEntries(Object.entries(values).map(([key, value]) => [key, inMounts(value, files)])),
    PATH: process.env.PATH,
    SPLITLAB_HEALTH_PORT: String(port),
    SPLITLAB_HEALTH_HOST: '127.0.0.1',
    SPLITLAB_TERMINATION_LOG: terminationLog,
  };
  const [main = '', ...args] = (container.args ?? []).map((arg) => inMounts(arg, files));
  const output = process.env.SPLITLAB_TEST_LOG ? 'inherit' : 'ignore';
  // The image has the same files without their types.
  const child = fork(main.replace(/\.js$/, '.ts'), args, {
    cwd: root,
    env,
    stdio: ['ignore', output, 'inherit', 'ipc'],
  });
  let over = false;
  const exited = once(child, 'close').then(async ([code, signal]): Promise<Exit> => {
    over = true;
    const message = await readFile(terminationLog, 'utf8').catch(() => '');
    return { exitCode: code ?? signals[signal] ?? 128, message };
  });
  const ready = eventually(readyMs, `${pod.metadata.name}/${name} to be ready`, async () => {
    if (over) return 'Over';
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null);
    return answer?.status === 200 ? 'Ready' : null;
  }).then((state) => state === 'Ready');
  ready.catch(() => {});
  return { name, port, child, exited, ready };
}

/** The container's variables, those of the downward API included. */
function environmentOf(pod: Pod, { env = [] }: Wire<V1Container>): Record<string, string> {
  const fields: Readonly<Record<string, string | undefined>> = {
    'metadata.name': pod.metadata.name,
    'metadata.uid': pod.metadata.uid,
    'spec.nodeName': pod.spec?.nodeName,
  };
  return Object.fromEntries(
    env.map(({ name, value, valueFrom }) => [name, value ?? fields[valueFrom?.fieldRef?.fieldPath ?? ''] ?? '']),
  );
}

/** A text with the paths of a pod replaced by those where its volumes lie here. */
export function inMounts(text: string, { mounts }: PodFiles): string {
  return Object.entries(mounts).reduce((changed, [path, folder]) => changed.replaceAll(path, folder), text);
}

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cached, cachedFolder } from '../../../cli/programs/cached.ts';
import { go } from '../../../cli/programs/go.ts';

/** Path of CoreDNS, built with the few plugins that a test cluster needs (2 to 3 minutes, once). */
export async function coredns(): Promise<string> {
  return join(await component('coredns', 'v1.14.7', '.', '2 to 3 minutes'), 'coredns');
}

/** Path of the program of every pod's first container. */
export async function pause(): Promise<string> {
  return join(await component('pause', 'v1', '.', '20 s'), 'pause');
}

export interface Kwok {
  readonly program: string;
  /** What befalls its nodes and pods: ready at once, gone when deleted. */
  readonly stages: string;
}

const kwokVersion = 'v0.8.0';

/** Where KWOK is, if it is built. */
export function kwokFolder(): string {
  return cachedFolder(`kwok-${kwokVersion}`);
}

/** Paths of KWOK, which plays nodes and pods (2 to 3 minutes, once). */
export async function kwok(): Promise<Kwok> {
  const folder = await component('kwok', kwokVersion, 'sigs.k8s.io/kwok/cmd/kwok', '2 to 3 minutes', copyStages);
  return { program: join(folder, 'kwok'), stages: join(folder, 'stages.yaml') };
}

type Further = (into: string, source: string, scratch: string) => Promise<void>;

async function component(
  name: string,
  version: string,
  main: string,
  duration: string,
  further?: Further,
): Promise<string> {
  const source = join(import.meta.dirname, '..', 'components', name);
  return cached({
    name: `${name}-${version}`,
    announce: `building ${name} ${version} (${duration}, once)`,
    async make(into, scratch) {
      await go(name, ['build', '-trimpath', '-ldflags=-s -w', '-o', join(into, name), main], source, scratch);
      await further?.(into, source, scratch);
    },
  });
}

const stageFiles = [
  'node/fast/node-initialize.yaml',
  'node/heartbeat-with-lease/node-heartbeat-with-lease.yaml',
  'pod/fast/pod-ready.yaml',
  'pod/fast/pod-complete.yaml',
  'pod/fast/pod-delete.yaml',
];

const copyStages: Further = async (into, source, scratch) => {
  const module = await go('kwok', ['list', '-m', '-f', '{{.Dir}}', 'sigs.k8s.io/kwok'], source, scratch);
  const paths = stageFiles.map((file) => join(module.trim(), 'kustomize/stage', file));
  const stages = await Promise.all(paths.map((path) => readFile(path, 'utf8')));
  await writeFile(join(into, 'stages.yaml'), stages.join('---\n'));
};

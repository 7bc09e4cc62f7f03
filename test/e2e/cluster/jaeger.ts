import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cluster } from '../../cluster/cluster.ts';
import { jaegerImage } from '../../cluster/images.ts';
import { type JaegerApi, jaegerApi } from '../../support/jaeger.ts';
import { forwardPort } from './forward.ts';

const file = join(import.meta.dirname, '../../../manifests/demo-jaeger.yaml');
const releasedImage = /(?<=^ +image: ).+$/gm;
const namespace = 'jaeger';

/** Where pods send their traces, as the head of the manifest says. */
export const jaegerEndpoint = 'http://jaeger.jaeger.svc:4318';

/** Puts the Jaeger of manifests/demo-jaeger.yaml into a cluster, with nothing but its image replaced, and waits for it. */
export async function installJaeger({ kubectl }: Pick<Cluster, 'kubectl'>): Promise<void> {
  const manifest = (await readFile(file, 'utf8')).replaceAll(releasedImage, jaegerImage);
  await kubectl(['apply', '--filename=-'], manifest);
  await kubectl(['rollout', 'status', 'deployment/jaeger', '--namespace', namespace, '--timeout=90s']);
}

/** Jaeger's own API, reached as the head of the manifest says. */
export async function openJaeger(kubeconfig: string): Promise<JaegerApi & AsyncDisposable> {
  const forward = await forwardPort(kubeconfig, { namespace, target: 'service/jaeger', port: 16686 });
  return {
    ...jaegerApi(`http://127.0.0.1:${forward.port}`),
    [Symbol.asyncDispose]: () => forward[Symbol.asyncDispose](),
  };
}

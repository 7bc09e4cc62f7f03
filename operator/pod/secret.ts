import type { V1Secret } from '@kubernetes/client-node';
import type { Manifest } from '../../api/manifest/manifest.ts';
import type { WorkerConfigFile } from '../../api/worker-config.ts';
import type { Wire } from '../runtime/wire.ts';
import type { SecretInput } from './input.ts';
import { experimentLabels, ownedBy } from './labels.ts';
import { secretName } from './name.ts';
import { bindsOf, places, secretFiles } from './places.ts';

/** The Secret that all workers of an experiment share: their configuration and their NATS credentials. */
export function desiredSecret(input: SecretInput): Wire<V1Secret> {
  const { owner, credentials } = input;
  const metadata = ownedBy(owner, secretName(owner.name));
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { ...metadata, labels: experimentLabels(owner.uid) },
    type: 'Opaque',
    data: {
      [secretFiles.config]: base64(JSON.stringify(workerConfig(input))),
      [secretFiles.credentials]: base64(credentials),
    },
  };
}

/** Lane and attempt come from each pod's environment; the model is found by the worker. */
function workerConfig({ owner, scope, natsUrl, manifest, traceparent }: SecretInput): WorkerConfigFile {
  const { name, namespace } = owner;
  return {
    experiment: { name, namespace },
    scope,
    nats: { url: natsUrl, credentialsFile: `${places.config}/${secretFiles.credentials}` },
    manifest: forWorkers(manifest, { name, namespace }),
    model: null,
    folder: '/',
    binds: bindsOf(manifest),
    traceparent,
  };
}

/** Without what is about the object and its pods alone: annotations may be large, and a template hold anything. */
function forWorkers({ spec, ...manifest }: Manifest, metadata: Manifest['metadata']): Manifest {
  const { template: _local, ...local } = spec.local;
  const { template: _remote, ...remote } = spec.remote;
  return { ...manifest, metadata, spec: { ...spec, local, remote } };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

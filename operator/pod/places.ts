import type { Manifest } from '../../api/manifest/manifest.ts';
import type { Spec } from '../../api/manifest/spec.ts';

/** Where things lie inside the containers. */
export const places = {
  config: '/etc/splitlab',
  cache: '/cache',
  temporary: '/tmp',
  claims: '/mnt/pvc',
  configMaps: '/mnt/configmap',
  modelImage: '/mnt/model-image',
  modelHeaders: '/mnt/headers/model',
  telemetryHeaders: '/mnt/headers/telemetry',
  telemetryCa: '/mnt/telemetry-ca',
} as const;

/** Files of the experiment's Secret. */
export const secretFiles = { config: 'config.json', credentials: 'nats.creds' } as const;

/** Names of the claims that a side reads, each once: both read the model, inputs and traces are the local side's. */
export function claimsOf({ model, input, links }: Spec, side: 'local' | 'remote'): readonly string[] {
  const sources = side === 'local' ? [model, input, ...tracesOf(links)] : [model];
  return unique(sources.map((source) => source.persistentVolumeClaim?.claimName));
}

/** Names of the config maps that the local side reads, each once. */
export function configMapsOf({ links }: Spec): readonly string[] {
  return unique(tracesOf(links).map((source) => source.configMapKeyRef?.name));
}

/** What `--bind` says in a local run: the folder of each claim, config map and Secret that the manifest names. */
export function bindsOf({ spec }: Manifest): Readonly<Record<string, string>> {
  const { model, telemetry } = spec;
  const bind = (kind: string, name: string | undefined, folder: string) =>
    name === undefined ? {} : { [`${kind}/${name}`]: folder };
  return Object.assign(
    bind('configmap', telemetry?.caConfigMapRef?.name, places.telemetryCa),
    ...configMapsOf(spec).map((name) => bind('configmap', name, `${places.configMaps}/${name}`)),
    bind('secret', telemetry?.headersSecretRef?.name, places.telemetryHeaders),
    // The remote side has this one alone, where both are of one Secret.
    bind('secret', model.http?.headersSecretRef?.name, places.modelHeaders),
    ...claimsOf(spec, 'local').map((name) => bind('pvc', name, `${places.claims}/${name}`)),
  );
}

function tracesOf(links: Spec['links']) {
  return links.flatMap(({ trace }) => (trace === undefined ? [] : [trace.uplink, trace.downlink]));
}

function unique(names: readonly (string | undefined)[]): readonly string[] {
  return [...new Set(names.filter((name) => name !== undefined))];
}

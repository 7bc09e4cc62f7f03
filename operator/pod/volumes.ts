import type { V1Volume, V1VolumeMount } from '@kubernetes/client-node';
import type { Spec } from '../../api/manifest/spec.ts';
import type { Wire } from '../runtime/wire.ts';
import type { PodInput } from './input.ts';
import { secretName } from './name.ts';
import { claimsOf, configMapsOf, places } from './places.ts';

/** Our volumes begin with this, so that none of a template has the name of one of them. */
export const volumePrefix = 'splitlab-';
export const configVolume = `${volumePrefix}config`;

/** A download that runs wild must not fill the node's disk; larger models need a claim. */
const cacheSizeLimit = '32Gi';
const temporarySizeLimit = '1Gi';
/** For owner and group: volumes belong to the group of the pod's user. */
const readableByGroup = 0o440;

interface Mounted {
  readonly volume: Wire<V1Volume>;
  readonly mounts: readonly Wire<V1VolumeMount>[];
}

/** The volumes of a worker's pod and where its worker container has them. */
export function workerVolumes(input: PodInput): {
  readonly volumes: readonly Wire<V1Volume>[];
  readonly mounts: readonly Wire<V1VolumeMount>[];
} {
  const { spec } = input.manifest;
  const all = [config(input), temporary(), ...cacheAndClaims(input), ...modelSource(spec)];
  if (input.side === 'local') all.push(...configMaps(spec), ...telemetry(spec));
  return { volumes: all.map(({ volume }) => volume), mounts: all.flatMap(({ mounts }) => mounts) };
}

/** What of these volumes the link emulator has. */
export function linkMounts(): readonly Wire<V1VolumeMount>[] {
  return [configMount, ...temporary().mounts];
}

const configMount: Wire<V1VolumeMount> = { name: configVolume, mountPath: places.config, readOnly: true };

function config({ owner }: PodInput): Mounted {
  const secret = { secretName: secretName(owner.name), defaultMode: readableByGroup };
  return { volume: { name: configVolume, secret }, mounts: [configMount] };
}

function temporary(): Mounted {
  const name = `${volumePrefix}tmp`;
  return {
    volume: { name, emptyDir: { sizeLimit: temporarySizeLimit } },
    mounts: [{ name, mountPath: places.temporary }],
  };
}

/** A claim stands in a pod once, however often it is used: the kubelet does not mount the same one under two names. */
function cacheAndClaims({ manifest: { spec }, side }: PodInput): readonly Mounted[] {
  const cacheClaim = spec.cache?.persistentVolumeClaim?.claimName;
  const claims = claimsOf(spec, side);
  const others = claims.filter((claim) => claim !== cacheClaim);
  const name = `${volumePrefix}cache`;
  const cacheMount = { name, mountPath: places.cache };
  const source =
    cacheClaim === undefined
      ? { emptyDir: { sizeLimit: cacheSizeLimit } }
      : { persistentVolumeClaim: { claimName: cacheClaim } };
  const shared = claims
    .filter((claim) => claim === cacheClaim)
    .map((claim) => ({ name, mountPath: `${places.claims}/${claim}`, readOnly: true }));
  return [
    { volume: { name, ...source }, mounts: [cacheMount, ...shared] },
    ...others.map((claimName, index) =>
      readOnly(
        `pvc-${index}`,
        { persistentVolumeClaim: { claimName, readOnly: true } },
        `${places.claims}/${claimName}`,
      ),
    ),
  ];
}

/** What the model's source needs beyond a claim. */
function modelSource({ model }: Spec): readonly Mounted[] {
  const headers = secretFolder('model-headers', model.http?.headersSecretRef, places.modelHeaders);
  if (model.image === undefined) return headers;
  const { reference, pullPolicy } = model.image;
  return [...headers, readOnly('model-image', { image: { reference, pullPolicy } }, places.modelImage)];
}

function telemetry({ telemetry }: Spec): readonly Mounted[] {
  const headers = secretFolder('telemetry-headers', telemetry?.headersSecretRef, places.telemetryHeaders);
  if (telemetry?.caConfigMapRef === undefined) return headers;
  const { name, key } = telemetry.caConfigMapRef;
  const configMap = { name, items: [{ key, path: key }] };
  return [...headers, readOnly('telemetry-ca', { configMap }, places.telemetryCa)];
}

function configMaps(spec: Spec): readonly Mounted[] {
  return configMapsOf(spec).map((name, index) =>
    readOnly(`configmap-${index}`, { configMap: { name } }, `${places.configMaps}/${name}`),
  );
}

function secretFolder(suffix: string, ref: { readonly name: string } | undefined, mountPath: string) {
  if (ref === undefined) return [];
  return [readOnly(suffix, { secret: { secretName: ref.name, defaultMode: readableByGroup } }, mountPath)];
}

function readOnly(suffix: string, source: Omit<Wire<V1Volume>, 'name'>, mountPath: string): Mounted {
  const name = `${volumePrefix}${suffix}`;
  return { volume: { name, ...source }, mounts: [{ name, mountPath, readOnly: true }] };
}

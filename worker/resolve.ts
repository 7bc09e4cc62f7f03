import { basename, join, resolve } from 'node:path';
import type { Manifest } from '../api/manifest/manifest.ts';
import type { LocatedModel } from '../api/worker-config.ts';
import { FatalError } from './fatal.ts';
import { type Fetching, fetchInput, fetchModel } from './fetch/fetched.ts';
import { modelDigest } from './onnx/digest.ts';
import type { Step } from './steps.ts';
import { isZooModel, zooModels } from './zoo/models.ts';
import { resolveZooModel } from './zoo/resolve.ts';

/** Where sources lie: the manifest's folder, folders that stand for a cluster's objects, and the cache. */
export interface Places extends Fetching {
  readonly folder: string;
  readonly binds: Readonly<Record<string, string>>;
  /** Told of what took its time, for traces. */
  readonly onStep?: ((step: Step) => void) | undefined;
}

/** Where a pod has what no configuration needs to name: there is one of each. */
const mounts = { modelImage: '/mnt/model-image', modelHeaders: '/mnt/headers/model' } as const;

/** Finds the model's file; one of the zoo is written first, one of the web fetched, where it is not there yet. */
export async function locateModel({ model }: Manifest['spec'], places: Places): Promise<LocatedModel> {
  if (model.zoo !== undefined) {
    const { path, digest, weights } = await resolveZooModel(model.zoo, places);
    return { name: model.zoo, path, digest: `sha256:${digest}`, weights };
  }
  const path = await modelPath(model, places);
  return { name: basename(path), path, digest: await modelDigest(path), weights: 'Unknown' };
}

async function modelPath(model: Manifest['spec']['model'], places: Places): Promise<string> {
  const { http, image } = model;
  if (http) {
    const secret = http.headersSecretRef;
    return fetchModel(http, secret ? (places.binds[`secret/${secret.name}`] ?? mounts.modelHeaders) : null, places);
  }
  if (image) return join(mounts.modelImage, image.path);
  const path = sourcePath(model, places);
  if (path === null) throw new FatalError('BadConfiguration', 'spec.model: the claim is bound to no folder');
  return path;
}

/** The input's file or folder; null for an input that needs none. */
export async function inputPath({ input }: Manifest['spec'], places: Places): Promise<string | null> {
  if (!input.http) return sourcePath(input, places);
  if (input.labels === undefined) return fetchInput(input.http, places);
  const problem = 'a file of the web has no labels beside it';
  throw new FatalError('InputInvalid', `spec.input.labels: ${problem}; use file or persistentVolumeClaim`);
}

/** The path that a `file` or a bound `persistentVolumeClaim` stands for; null for any other source. */
export function sourcePath(
  source: {
    readonly file?: string | undefined;
    readonly persistentVolumeClaim?: { readonly claimName: string; readonly path: string } | undefined;
  },
  { folder, binds }: Pick<Places, 'folder' | 'binds'>,
): string | null {
  if (source.file !== undefined) return resolve(folder, source.file);
  const claim = source.persistentVolumeClaim;
  const bound = claim && binds[`pvc/${claim.claimName}`];
  return bound === undefined ? null : join(bound, claim?.path ?? '');
}

/** The manifest with the defaults that depend on the model: input, preprocessing and how the output is read. */
export function resolveManifest(manifest: Manifest): Manifest {
  const { spec } = manifest;
  const zoo = spec.model.zoo !== undefined && isZooModel(spec.model.zoo) ? zooModels[spec.model.zoo] : null;
  const { sample, random, http, persistentVolumeClaim, file } = spec.input;
  const hasSource = [sample, random, http, persistentVolumeClaim, file].some((source) => source !== undefined);
  return {
    ...manifest,
    spec: {
      ...spec,
      input: {
        ...spec.input,
        ...(!hasSource && (zoo ? { sample: zoo.defaultSample } : { random: { seed: 1 } })),
      },
      output: { ...spec.output, decode: spec.output.decode ?? (zoo ? 'Classification' : 'None') },
    },
  };
}

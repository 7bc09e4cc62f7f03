import { basename, join, resolve } from 'node:path';
import type { Manifest } from '../api/manifest/manifest.ts';
import type { LocatedModel } from '../api/worker-config.ts';
import { modelDigest } from './onnx/digest.ts';
import { isZooModel, zooModels } from './zoo/models.ts';
import { resolveZooModel } from './zoo/resolve.ts';

/** Where sources lie that are not on the web: the manifest's folder, and folders that stand for claims. */
export interface Places {
  readonly folder: string;
  readonly binds: Readonly<Record<string, string>>;
  readonly cacheFolder: string;
}

/** Finds the model's file; one of the zoo is written first where it is not there yet. */
export async function locateModel({ model }: Manifest['spec'], places: Places): Promise<LocatedModel> {
  if (model.zoo !== undefined) {
    const { path, digest, weights } = await resolveZooModel(model.zoo, places);
    return { name: model.zoo, path, digest: `sha256:${digest}`, weights };
  }
  const path = sourcePath(model, places);
  if (path === null) throw new RangeError('this model source needs a cluster');
  return { name: basename(path), path, digest: await modelDigest(path), weights: 'Unknown' };
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

import { join } from 'node:path';
import { fileDigest, isVerified } from '../verified.ts';
import { UnknownZooModelError, ZooDigestError } from './errors.ts';
import { isZooModel, type ZooModel, zooModels } from './models.ts';
import { modelChunks } from './random/chunks.ts';
import type { ZooGraph } from './random/graph.ts';
import { onnxParts } from './random/onnx.ts';
import { dataPath } from './samples.ts';
import { writeWhole } from './store.ts';

/** A zoo model as a file; `digest` is its SHA-256 as hex digits. */
export interface ResolvedModel {
  readonly path: string;
  readonly digest: string;
  readonly weights: ZooModel['weights'];
}

/**
 * The file of a zoo model, with exactly the bytes that the zoo describes; one with random weights is written into
 * `cacheFolder` at first use (VGG16: 553 MB). Throws UnknownZooModelError, ZooDigestError where a shipped file is
 * damaged, ZooCacheError where the cache can not be written.
 */
export async function resolveZooModel(name: string, options: { readonly cacheFolder: string }): Promise<ResolvedModel> {
  if (!isZooModel(name)) throw new UnknownZooModelError(name, Object.keys(zooModels));
  const { source, digest, weights } = zooModels[name];
  const path =
    'file' in source
      ? await shipped(dataPath(source.file), digest)
      : await written(join(options.cacheFolder, 'zoo'), source.graph(), digest);
  return { path, digest, weights };
}

async function shipped(path: string, digest: string): Promise<string> {
  const actual = await fileDigest(path);
  if (actual !== digest) throw new ZooDigestError(path, actual ?? 'of no file', digest, 'install splitlab again');
  return path;
}

/** The digest in the file's name keeps versions of the zoo apart that share a cache. */
async function written(folder: string, graph: ZooGraph, digest: string): Promise<string> {
  const path = join(folder, `${graph.name}-${digest.slice(0, 16)}.onnx`);
  if (!(await isVerified(path, digest))) await writeWhole(path, modelChunks(onnxParts(graph), graph.seed), digest);
  return path;
}

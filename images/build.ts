// Assembles an image of this project as an OCI archive, with this machine's system libraries for a base: for test
// clusters, which have no registry. What is released is built by the Dockerfile beside this file.
import { join } from 'node:path';
import { type Image, writeImage } from './archive.ts';
import { appFolder, type ImageName, imageFiles, nodePath, systemLibraries } from './files.ts';

/** Any user that is not root will do; this is the one that distroless images call `nonroot`. */
export const imageUser = '65532:65532';

/** What each image starts; the Dockerfile says the same. */
export const entrypoints = {
  'worker-cpu': [nodePath],
  'worker-cuda': [nodePath],
  // Young objects in 1 MB instead of 16 keep 35 MB out of memory that is the operator's as long as it runs.
  operator: [nodePath, '--max-semi-space-size=1', 'operator/main.js'],
} as const satisfies Readonly<Record<ImageName, readonly string[]>>;

/** The reference by which pods name an image of a test cluster. */
export function imageReference(name: ImageName): string {
  return `splitlab.dev/${name}:dev`;
}

/** Writes an image's archive into a folder and gives its path. */
export async function buildImage(name: ImageName, folder: string): Promise<string> {
  const archive = join(folder, `${name}.tar`);
  const files = await imageFiles(name);
  const image: Image = {
    reference: imageReference(name),
    files: [...files, ...(await systemLibraries(files))],
    config: { User: imageUser, WorkingDir: appFolder, Entrypoint: entrypoints[name] },
  };
  await writeImage(image, archive);
  return archive;
}

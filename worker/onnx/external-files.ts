import { realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import { OnnxError } from './errors.ts';

/** The model's own file and those that hold its external weights, as ONNX Runtime accepts them. */
export interface ModelFiles {
  /** A folder above all files, without symbolic links, which ONNX Runtime refuses. */
  readonly folder: string;
  /** The model's own file, relative to `folder`. */
  readonly file: string;
  /** Path relative to `folder` and size of each file that the model refers to, by the location that it states. */
  readonly external: ReadonlyMap<string, { readonly file: string; readonly bytes: number }>;
}

/**
 * Finds the files that a model's weights lie in. Locations are relative to the model's folder and may not leave it;
 * links are followed, as caches of model hubs consist of them. Throws `ExternalData` naming the file.
 */
export async function resolveFiles(path: string, locations: Iterable<string>): Promise<ModelFiles> {
  const own = await realpath(path);
  const found = new Map<string, { path: string; bytes: number }>();
  for (const location of new Set(locations)) {
    found.set(location, await resolveLocation(path, location));
  }
  const paths = [own, ...[...found.values()].map((file) => file.path)];
  const folder = commonFolder(paths);
  return {
    folder,
    file: relative(folder, own),
    external: new Map([...found].map(([key, { path, bytes }]) => [key, { file: relative(folder, path), bytes }])),
  };
}

async function resolveLocation(model: string, location: string): Promise<{ path: string; bytes: number }> {
  const folder = dirname(model);
  const inside = relative(folder, join(folder, location));
  if (isAbsolute(location) || location.includes('\0') || inside === '..' || inside.startsWith(`..${sep}`)) {
    throw new OnnxError('ExternalData', `The model refers to weights in "${location}", outside its own folder.`);
  }
  try {
    const path = await realpath(join(folder, location));
    const info = await stat(path);
    if (!info.isFile()) throw new OnnxError('ExternalData', `"${path}", which holds weights of the model, is no file.`);
    return { path, bytes: info.size };
  } catch (cause) {
    if (cause instanceof OnnxError) throw cause;
    throw new OnnxError('ExternalData', `Weights of the model lie in "${location}", which is not beside it.`, {
      cause,
    });
  }
}

function commonFolder(paths: readonly string[]): string {
  const [first = '', ...others] = paths.map((path) => dirname(path));
  let folder = first;
  while (!others.every((other) => other === folder || other.startsWith(folder === sep ? sep : folder + sep))) {
    folder = dirname(folder);
  }
  return folder;
}

import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { cached, cachedFolder } from '../programs/cached.ts';
import { buildJaeger } from './build.ts';

/** Jaeger 2.13.0: the module has kept the numbers of version 1, whose tags its releases carry too. */
export const builtJaeger = 'v1.76.0';
const name = `jaeger-${builtJaeger}`;

/** Where Jaeger is, and whether it brings its pages. */
export interface JaegerProgram {
  readonly path: string;
  /** The Go module has the query API alone: the pages are added to it only when Jaeger makes a release. */
  readonly hasPages: boolean;
}

/**
 * Jaeger v2: the `jaeger` on PATH, else the one in the cache folder, else one built there from its Go module (1 to 2
 * minutes of two cores, once; 1 GB of scratch that goes afterwards). Throws `ProgramMissing`.
 */
export async function findJaeger(searchPath = process.env.PATH ?? ''): Promise<JaegerProgram> {
  for (const folder of searchPath.split(delimiter).filter(Boolean)) {
    const path = join(folder, 'jaeger');
    if (await isExecutable(path)) return { path, hasPages: true };
  }
  await cached({
    name,
    announce: `building Jaeger ${builtJaeger} from its Go module (1 to 2 minutes, once)`,
    make: (into, scratch) => buildJaeger(`github.com/jaegertracing/jaeger@${builtJaeger}`, into, scratch),
  });
  return { path: join(cachedFolder(name), 'jaeger'), hasPages: false };
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

import { cacheFolder } from '../worker/cache.ts';
import { resolveZooModel } from '../worker/zoo/resolve.ts';

/** The file of VGG16 (553 MB), which is written at first use: never while something is measured. */
export async function vgg16(): Promise<string> {
  return (await resolveZooModel('VGG16', { cacheFolder: cacheFolder() })).path;
}

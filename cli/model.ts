import { cacheFolder } from '../worker/cache.ts';
import { isZooModel } from '../worker/zoo/models.ts';
import { resolveZooModel } from '../worker/zoo/resolve.ts';

/** The file of a model that is named on the command line: a name of the zoo, else a path. */
export async function modelPath(model: string): Promise<string> {
  if (!isZooModel(model)) return model;
  return (await resolveZooModel(model, { cacheFolder: cacheFolder() })).path;
}

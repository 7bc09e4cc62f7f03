import type { LocatedModel, WorkerConfig } from '../api/worker-config.ts';
import { cacheFolder } from './cache.ts';
import { locateModel, resolveManifest } from './resolve.ts';

/** A configuration whose model is at hand and whose manifest has the defaults that depend on it. */
export interface PreparedConfig extends WorkerConfig {
  readonly model: LocatedModel;
}

/** Finds the model where the configuration does not say where it is. */
export async function prepareConfig(config: WorkerConfig): Promise<PreparedConfig> {
  const { model, manifest, folder, binds } = config;
  if (model) return { ...config, model };
  const located = await locateModel(manifest.spec, { folder, binds, cacheFolder: cacheFolder() });
  return { ...config, model: located, manifest: resolveManifest(manifest) };
}

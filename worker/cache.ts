import { homedir } from 'node:os';
import { join } from 'node:path';

/** Surroundings that decide where the cache folder is. */
export interface CacheSurroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly home: string;
}

/**
 * The folder for what can be made again: `$SPLITLAB_CACHE`, else `splitlab` in the user's cache folder
 * (https://specifications.freedesktop.org/basedir-spec; `Library/Caches` on macOS, `LOCALAPPDATA` on Windows).
 */
export function cacheFolder(surroundings: Partial<CacheSurroundings> = {}): string {
  const { environment = process.env, platform = process.platform, home = homedir() } = surroundings;
  if (environment.SPLITLAB_CACHE) return environment.SPLITLAB_CACHE;
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'splitlab');
  if (platform === 'win32' && environment.LOCALAPPDATA) return join(environment.LOCALAPPDATA, 'splitlab');
  return join(environment.XDG_CACHE_HOME || join(home, '.cache'), 'splitlab');
}

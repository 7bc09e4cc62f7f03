import { execFile } from 'node:child_process';
import { access, constants, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from '../../worker/cache.ts';
import { NatsServerMissing } from './errors.ts';

const run = promisify(execFile);

/** The oldest version whose behaviour we rely on. */
export const oldestNatsServer = '2.11.0';
/** The version that is built when none is found; the one the measurements in `docs/decisions` were made with. */
export const builtNatsServer = '2.15.2';

export interface FindOptions {
  /** Environment variables: PATH, SPLITLAB_CACHE, XDG_CACHE_HOME. */
  readonly env?: NodeJS.ProcessEnv;
  /** Told before something that takes long. */
  readonly log?: (line: string) => void;
  readonly signal?: AbortSignal;
}

/** True when a dotted version is at least another one; both have three numbers. */
export function isAtLeast(version: string, oldest: string): boolean {
  const [a, b] = [version, oldest].map((text) => text.split('.').map(Number));
  for (let i = 0; i < 3; i++) {
    const difference = (a?.[i] ?? 0) - (b?.[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

/**
 * Path of a nats-server >= 2.11: the one on PATH, else the one in the cache folder, else one built there from its Go
 * module (about 30 s, once). Throws {@link NatsServerMissing} naming the three ways.
 */
export async function findNatsServer(options: FindOptions = {}): Promise<string> {
  const env = options.env ?? process.env;
  const tried: string[] = [];
  for (const folder of (env.PATH ?? '').split(delimiter).filter(Boolean)) {
    const problem = await unusable(join(folder, 'nats-server'));
    if (problem === null) return join(folder, 'nats-server');
    if (problem !== 'absent') tried.push(`${join(folder, 'nats-server')}: ${problem}`);
  }
  if (tried.length === 0) tried.push('PATH: none there');
  const home = join(cacheFolder({ environment: env }), `nats-server-v${builtNatsServer}`);
  const built = join(home, 'nats-server');
  const problem = await unusable(built);
  if (problem === null) return built;
  tried.push(`${built}: ${problem}`);
  try {
    options.log?.(`building nats-server ${builtNatsServer} from its Go module (about 30 s, once)`);
    await build(home, built, env, options.signal);
    return built;
  } catch (cause) {
    options.signal?.throwIfAborted();
    const reason = cause instanceof Error ? (cause.message.trim().split('\n').at(-1) ?? '') : String(cause);
    tried.push(`go install: ${reason}`);
    throw new NatsServerMissing(oldestNatsServer, tried, { cause });
  }
}

async function unusable(path: string): Promise<string | null> {
  try {
    await access(path, constants.X_OK);
  } catch {
    return 'absent';
  }
  try {
    const { stdout } = await run(path, ['--version'], { timeout: 10_000 });
    const version = /v(\d+\.\d+\.\d+)/.exec(stdout)?.[1];
    if (version === undefined) return `says no version: ${stdout.trim()}`;
    return isAtLeast(version, oldestNatsServer) ? null : `version ${version} is older than ${oldestNatsServer}`;
  } catch (error) {
    return `does not run: ${error instanceof Error ? error.message : String(error)}`;
  }
}

async function build(home: string, built: string, env: NodeJS.ProcessEnv, signal?: AbortSignal): Promise<void> {
  await mkdir(home, { recursive: true });
  // Renaming within one folder is atomic, so that another run never sees half a binary.
  const scratch = await mkdtemp(join(home, 'build-'));
  try {
    await run('go', ['install', `github.com/nats-io/nats-server/v2@v${builtNatsServer}`], {
      env: { ...env, GOBIN: scratch, CGO_ENABLED: '0' },
      ...(signal && { signal }),
    });
    await rename(join(scratch, 'nats-server'), built);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

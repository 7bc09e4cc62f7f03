import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** A command line that ends its program when the process that started it ends, however that ends. */
export interface Guard {
  readonly file: string;
  readonly arguments: readonly string[];
  /** The program's stdin must be a pipe that the starting process holds open. */
  readonly needsPipe: boolean;
}

// The kernel sends the signal only for a death after the request for it: a parent that died before has another id.
const afterDeathSignal = '[ "$PPID" = "$0" ] || exit 1; exec "$@"';

// A background job's stdin is /dev/null, hence descriptor 3. The watcher lives on when the guard is killed.
const pipeGuard = `exec 3<&0
"$@" 3<&- </dev/null & program=$!
(read -r _ <&3; kill -KILL "$program") >/dev/null 2>&1 & watcher=$!
trap 'kill -TERM "$program"' TERM INT
exec 3<&-
wait "$program"; status=$?
while kill -0 "$program" 2>/dev/null; do wait "$program"; status=$?; done
kill -KILL "$watcher" 2>/dev/null
exit "$status"`;

/**
 * Wraps a command line so that it does not outlive process `parent`: by the kernel's parent-death signal where
 * `setpriv` can ask for it (Linux), else by a shell that reads a pipe which only the parent holds open.
 */
export async function guard(
  file: string,
  args: readonly string[],
  parent: number,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Guard> {
  const setpriv = process.platform === 'linux' ? await onPath('setpriv', env) : null;
  if (setpriv !== null) return byDeathSignal(setpriv, file, args, parent);
  return byPipe(file, args);
}

export function byDeathSignal(setpriv: string, file: string, args: readonly string[], parent: number): Guard {
  return {
    file: setpriv,
    arguments: ['--pdeathsig', 'KILL', '/bin/sh', '-c', afterDeathSignal, String(parent), file, ...args],
    needsPipe: false,
  };
}

export function byPipe(file: string, args: readonly string[]): Guard {
  return { file: '/bin/sh', arguments: ['-c', pipeGuard, 'guard', file, ...args], needsPipe: true };
}

async function onPath(name: string, env: NodeJS.ProcessEnv): Promise<string | null> {
  for (const folder of (env.PATH ?? '').split(delimiter).filter(Boolean)) {
    try {
      await access(join(folder, name), constants.X_OK);
      return join(folder, name);
    } catch {}
  }
  return null;
}

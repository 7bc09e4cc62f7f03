import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { guard } from '../../../cli/nats-server/guard.ts';
import { ProgramMissing } from './errors.ts';

const run = promisify(execFile);

/**
 * Runs `go build` with caches of its own in `scratch`: these programs leave gigabytes in them, which nobody needs
 * afterwards. Modules that the user's cache has are taken from there. `args` go behind `go build`.
 */
export async function goBuild(program: string, args: readonly string[], cwd: string, scratch: string): Promise<void> {
  const { stdout } = await run('go', ['env', '-json', 'GOMODCACHE', 'GOPROXY']).catch((cause: unknown) => {
    throw new ProgramMissing(program, 'there is no Go to build it', { cause });
  });
  const { GOMODCACHE = '', GOPROXY = '' }: Record<string, string> = JSON.parse(stdout);
  const env = {
    ...process.env,
    CGO_ENABLED: '0',
    GOTOOLCHAIN: 'local',
    GOFLAGS: '-buildvcs=false -modcacherw -trimpath',
    GOCACHE: join(scratch, 'go-build'),
    GOMODCACHE: join(scratch, 'go-mod'),
    GOPROXY: `file://${GOMODCACHE}/cache/download,${GOPROXY}`,
  };
  const command = await guard('go', ['build', ...args], process.pid);
  // With the pipe as stdin that a guard may need: execFile keeps it open.
  await run(command.file, command.arguments, { cwd, env, maxBuffer: 1 << 26 }).catch((cause: unknown) => {
    const last = cause instanceof Error ? cause.message.trim().split('\n').at(-1) : String(cause);
    throw new ProgramMissing(program, `it cannot be built: ${last}`, { cause });
  });
}

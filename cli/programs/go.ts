import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { guard } from '../nats-server/guard.ts';
import { ProgramMissing } from './errors.ts';

const run = promisify(execFile);

/**
 * Runs a `go` command in a module, with caches of its own in `scratch`: these programs leave gigabytes in them, which
 * nobody needs afterwards. Modules that the user's cache has are taken from there. Throws `ProgramMissing`.
 */
export async function go(program: string, args: readonly string[], cwd: string, scratch: string): Promise<string> {
  const { stdout } = await run('go', ['env', '-json', 'GOMODCACHE', 'GOPROXY']).catch((cause: unknown) => {
    throw new ProgramMissing(program, 'there is no Go to build it', { cause });
  });
  const { GOMODCACHE = '', GOPROXY = '' } = settingsSchema.parse(JSON.parse(stdout));
  const env = {
    ...process.env,
    CGO_ENABLED: '0',
    GOTOOLCHAIN: 'local',
    GOFLAGS: '-buildvcs=false -modcacherw',
    GOCACHE: join(scratch, 'go-build'),
    GOMODCACHE: join(scratch, 'go-mod'),
    GOPROXY: `file://${GOMODCACHE}/cache/download,${GOPROXY}`,
  };
  const command = await guard('go', args, process.pid);
  // Where a guard needs a pipe as its standard input, this one stays open until the end.
  const done = run(command.file, command.arguments, { cwd, env, maxBuffer: 1 << 26 });
  const { stdout: output } = await done.catch((cause: unknown) => {
    const last = cause instanceof Error ? cause.message.trim().split('\n').at(-1) : String(cause);
    throw new ProgramMissing(program, `it cannot be built: ${last}`, { cause });
  });
  return output;
}

const settingsSchema = z.record(z.string(), z.string());

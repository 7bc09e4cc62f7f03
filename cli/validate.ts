import { formatProblem } from '../api/manifest/problem.ts';
import { exitStatus } from './errors.ts';
import type { Io } from './io.ts';
import { loadManifest, type ManifestOptions } from './manifest.ts';

export interface ValidateOptions extends ManifestOptions {
  /** Print one JSON object `{ok, problems, warnings}` instead of lines. */
  readonly json?: boolean;
}

/**
 * Says everything that is wrong with a manifest, `-` for standard input: whether it can be read, and whether a local run
 * can do what it asks for. Gives the exit status: 0 when it is fine, 2 when not.
 */
export async function validateCommand(file: string, options: ValidateOptions, io: Io): Promise<number> {
  const { problems, warnings } = await loadManifest(file, options, io.stdin);
  const ok = problems.length === 0;
  const status = ok ? exitStatus.done : exitStatus.usage;
  if (options.json) {
    io.stdout.write(`${JSON.stringify({ ok, problems, warnings })}\n`);
    return status;
  }
  for (const warning of warnings) io.stderr.write(`warning: ${formatProblem(warning)}\n`);
  for (const problem of problems) io.stderr.write(`${formatProblem(problem)}\n`);
  if (ok) io.stdout.write(`${file === '-' ? 'standard input' : file}: ok\n`);
  return status;
}
